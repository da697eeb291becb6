package discord

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/bots"
	"parley/conversation"
)

// maxRedirects is how many times a file's host may send on to itself or another host of Discord's.
const maxRedirects = 3

// fileHosts are Discord's hosts of uploaded files (discord.com/developers/docs/reference#signed-attachment-cdn-urls).
var fileHosts = []string{"cdn.discordapp.com", "media.discordapp.net"}

var (
	errFileGone = errors.New("the message no longer holds the file")
	errExpired  = errors.New("the file's address has expired")
	errForeign  = errors.New("the file's address is none of Discord's")
)

// files fetches what people have uploaded. It never sends the bot's token: files are opened by their signed address.
type files struct {
	http   *http.Client
	origin bots.Origin
}

func newFiles(api *url.URL) *files {
	f := &files{origin: bots.Origin{API: api, Host: func(name string) bool { return slices.Contains(fileHosts, name) }}}
	f.http = &http.Client{Transport: f.origin.Transport(fileHosts[0], callTimeout, maxConns), CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects || !f.origin.Trusts(r.URL) {
			return errForeign
		}
		return nil
	}}
	return f
}

// open fetches an address. A refusal of the host is told by its status.
func (f *files) open(ctx context.Context, address string, now time.Time) (body io.ReadCloser, status int, err error) {
	u, err := url.Parse(address)
	if err != nil || !f.origin.Trusts(u) {
		return nil, 0, errForeign
	}
	if expired(u, now) {
		return nil, http.StatusNotFound, errExpired
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, 0, errForeign
	}
	req.Header.Set("User-Agent", userAgent)
	resp, err := f.http.Do(req)
	if err != nil {
		return nil, 0, bots.WithoutURL(err)
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, resp.StatusCode, fmt.Errorf("the file's host answers with status %d", resp.StatusCode)
	}
	return resp.Body, resp.StatusCode, nil
}

// expired reads the signature's end: hexadecimal seconds.
func expired(u *url.URL, now time.Time) bool {
	ex, err := strconv.ParseInt(u.Query().Get("ex"), 16, 64)
	return err == nil && !now.Before(time.Unix(ex, 0))
}

// OpenFile implements conversation.FileOpener. A file of a message is looked up there each time, so that one that was
// deleted is not read any more, and its signed address is new; where the host refuses even that, once more. A file that
// was given with a command stands nowhere: its address came with it, and ends after about a day.
func (a *Adapter) OpenFile(ctx context.Context, _ conversation.ThreadRef, _ string, file conversation.Attachment) (io.ReadCloser, error) {
	if address, ok := a.unseal(file.Locator); ok {
		body, status, err := a.files.open(ctx, address, a.clock())
		return body, fileFailure(status, err)
	}
	channel, message, id, ok := locate(file.Locator)
	if !ok {
		return nil, fileFailure(http.StatusNotFound, errFileGone)
	}
	for try := 0; ; try++ {
		address, err := a.fileAddress(ctx, channel, message, id)
		if err != nil {
			return nil, err
		}
		body, status, err := a.files.open(ctx, address, a.clock())
		if err == nil || try > 0 || status != http.StatusNotFound && status != http.StatusForbidden {
			return body, fileFailure(status, err)
		}
	}
}

// locate reads a locator: channel, message and attachment.
func locate(locator string) (channel, message, id string, ok bool) {
	parts := strings.Split(locator, "/")
	if len(parts) != 3 || slices.ContainsFunc(parts, func(s string) bool { return !isSnowflake(s) }) {
		return "", "", "", false
	}
	return parts[0], parts[1], parts[2], true
}

// fileAddress asks Discord for a file's signed address.
func (a *Adapter) fileAddress(ctx context.Context, channel, message, id string) (string, error) {
	var p payloadMessage
	err := a.rest.get(ctx, routeMessage, join("channels", channel, "messages", message), &p)
	switch {
	case isCode(err, errorUnknownMessage, errorUnknownChannel):
		return "", fileFailure(http.StatusNotFound, err)
	case isRefused(err, http.StatusForbidden):
		return "", &conversation.Failure{Code: conversation.CodeFileRefused, Err: err, Safe: "Discord does not let me see the message with that file any more."}
	case err != nil:
		return "", failure(err, conversation.CodePlatformDown)
	}
	list := p.Attachments
	for _, s := range p.Snapshots {
		list = append(list, s.Message.Attachments...)
	}
	for _, f := range list {
		if f.ID == id && f.URL != "" {
			return f.URL, nil
		}
	}
	return "", fileFailure(http.StatusNotFound, errFileGone)
}

// fileFailure says why a file could not be opened.
func fileFailure(status int, err error) error {
	if err == nil {
		return nil
	}
	f := &conversation.Failure{Code: conversation.CodeFileRefused, Err: fmt.Errorf("open discord file: %w", err)}
	switch {
	case errors.Is(err, errForeign), errors.Is(err, bots.ErrPrivateNet):
		f.Safe = "That file is not where Discord keeps files, so I did not open it."
	case status == http.StatusNotFound, status == http.StatusForbidden, status == http.StatusGone:
		f.Code, f.Safe = conversation.CodeFileGone, "That file is no longer there. Please send it again."
	case status == 0, status == http.StatusTooManyRequests, status >= http.StatusInternalServerError:
		f.Code, f.Retry, f.Safe = conversation.CodePlatformDown, true, safeDown
	default:
		f.Safe = "Discord did not give me that file."
	}
	return f
}
