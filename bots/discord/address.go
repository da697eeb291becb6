package discord

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/bwmarrin/discordgo"
)

// gatewayInfo is how to connect (discord.com/developers/docs/events/gateway#get-gateway-bot).
type gatewayInfo struct {
	URL string `json:"url"`
	// Shards is 0 where the server does not tell.
	Shards int `json:"shards"`
	// Limit is nil where the server does not tell.
	Limit *startLimit `json:"session_start_limit"`
}

// startLimit is how many sessions may begin (discord.com/developers/docs/events/gateway#session-start-limit-object).
type startLimit struct {
	Total       int   `json:"total"`
	Remaining   int   `json:"remaining"`
	ResetAfter  int64 `json:"reset_after"`
	Concurrency int   `json:"max_concurrency"`
}

// askGateway asks for the address to connect to. A server without GET /gateway/bot tells it at GET /gateway
// (discord.com/developers/docs/events/gateway#get-gateway), and nothing else.
func (a *Adapter) askGateway(ctx context.Context) (gatewayInfo, error) {
	var g gatewayInfo
	if _, err := a.selfID(ctx); err != nil {
		return g, err
	}
	asked := routeGatewayBot
	if err := a.rest.get(ctx, asked, "gateway/bot", &g); err != nil && !isMissing(err) {
		return g, err
	}
	if g.URL == "" {
		asked = routeGateway
		var plain struct {
			URL string `json:"url"`
		}
		if err := a.rest.get(ctx, asked, "gateway", &plain); err != nil {
			return g, err
		}
		g.URL = plain.URL
	}
	if g.Limit != nil && g.Limit.Total == 0 && g.Limit.Remaining == 0 {
		g.Limit = nil
	}
	if !strings.HasPrefix(g.URL, "ws://") && !strings.HasPrefix(g.URL, "wss://") {
		return g, &callError{route: asked, err: errors.New("answer names no gateway")}
	}
	if strings.HasPrefix(a.rest.base, "https://") && !strings.HasPrefix(g.URL, "wss://") {
		return g, &callError{route: asked, err: errors.New("gateway is not encrypted: the token is not sent there")}
	}
	var err error
	if g.URL, err = dialled(g.URL); err != nil {
		return g, &callError{route: asked, err: err}
	}
	return g, nil
}

// dialled is the gateway's address as it is to be dialled: path and query as given, with version and encoding
// (discord.com/developers/docs/events/gateway#connecting). The library appends a slash and a query of its own to
// whatever it is told; behind the mark of a fragment they are not sent.
func dialled(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "", fmt.Errorf("answer names no gateway that can be dialled")
	}
	query := u.Query()
	query.Set("v", discordgo.APIVersion)
	query.Set("encoding", "json")
	u.RawQuery, u.Fragment, u.RawFragment = query.Encode(), "", ""
	return u.String() + "#", nil
}
