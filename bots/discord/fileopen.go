package discord

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"parley/conversation"
)

// maxRedirects is how many times a file's host may send on to itself or another host of Discord's.
const maxRedirects = 3

// fileHosts are Discord's hosts of uploaded files (discord.com/developers/docs/reference#signed-attachment-cdn-urls).
var fileHosts = []string{"cdn.discordapp.com", "media.discordapp.net"}

var (
	errFileGone   = errors.New("the message no longer holds the file")
	errExpired    = errors.New("the file's address has expired")
	errForeign    = errors.New("the file's address is none of Discord's")
	errPrivateNet = errors.New("the address is inside a private network")
)

// files fetches what people have uploaded. It never sends the bot's token: files are opened by their signed address.
type files struct {
	http *http.Client
	// api is the REST API's own address, whose host may serve files as a simulator does.
	api *url.URL
}

func newFiles(api *url.URL) *files {
	f := &files{api: api}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: callTimeout,
		MaxConnsPerHost: maxConns, IdleConnTimeout: 90 * time.Second, ForceAttemptHTTP2: true, DisableCompression: true,
	}
	trusted := []string{hostPort(api)}
	if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: "https", Host: fileHosts[0]}}); err == nil && proxy != nil {
		trusted = append(trusted, hostPort(proxy)) // whoever runs Parley chose it
	}
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		d := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}
		if !slices.Contains(trusted, address) {
			d.Control = publicOnly
		}
		return d.DialContext(ctx, network, address)
	}
	f.http = &http.Client{Transport: transport, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects || !f.trusts(r.URL) {
			return errForeign
		}
		return nil
	}}
	return f
}

// publicOnly looks at the address itself, after the name was resolved.
func publicOnly(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !isPublic(at.Addr().Unmap()) {
		return errPrivateNet
	}
	return nil
}

// notPublic are ranges that IsPrivate and its like leave out (iana.org/assignments/iana-ipv4-special-registry).
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("::/96"),
}

func isPublic(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate() && !slices.ContainsFunc(notPublic, func(p netip.Prefix) bool { return p.Contains(a) })
}

// trusts reports whether a file is fetched from an address.
func (f *files) trusts(u *url.URL) bool {
	if u.User != nil {
		return false
	}
	if u.Scheme == f.api.Scheme && hostPort(u) == hostPort(f.api) {
		return true
	}
	return u.Scheme == "https" && slices.Contains(fileHosts, strings.ToLower(u.Hostname())) && hostPort(u) == strings.ToLower(u.Hostname())+":443"
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// open fetches an address. A refusal of the host is told by its status.
func (f *files) open(ctx context.Context, address string, now time.Time) (body io.ReadCloser, status int, err error) {
	u, err := url.Parse(address)
	if err != nil || !f.trusts(u) {
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
		return nil, 0, withoutURL(err)
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
	case errors.Is(err, errForeign), errors.Is(err, errPrivateNet):
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
