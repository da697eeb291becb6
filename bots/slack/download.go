package slack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// maxRedirects is how often a file's host may send on to another place of its own.
const maxRedirects = 3

// fileDomains are Slack's own: files are at files.slack.com, those of some plans at the workspace's name. The token goes
// nowhere else: url_private may name any host for a file that another service keeps.
// Slack: docs.slack.dev/reference/methods/files.remote.info.
var fileDomains = []string{"slack.com", "slack-gov.com"}

var (
	errForeignFile = errors.New("the file's address is not Slack's")
	errPrivateNet  = errors.New("the address is inside a private network")
	errLogin       = errors.New("slack gives its sign-in page in the file's place: is the scope files:read there")
)

// files fetches what people have uploaded, with the bot token.
type files struct {
	client *http.Client
	// api is the base of the Web API, whose host may serve files as a simulator does.
	api   *url.URL
	token string
}

func newFiles(api *url.URL, token string) *files {
	f := &files{api: api, token: token}
	trusted := []string{hostPort(api)}
	if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: "https", Host: "files.slack.com"}}); err == nil && proxy != nil {
		trusted = append(trusted, hostPort(proxy)) // whoever runs Parley chose it
	}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: callTimeout,
		MaxConnsPerHost: maxConns, ForceAttemptHTTP2: true, DisableCompression: true, DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			d := &net.Dialer{Timeout: 10 * time.Second}
			if !slices.Contains(trusted, address) {
				d.Control = publicOnly
			}
			return d.DialContext(ctx, network, address)
		},
	}
	f.client = &http.Client{Transport: transport, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		switch {
		case r.URL.Query().Has("redir"):
			return errLogin
		case len(via) > maxRedirects, r.URL.Scheme != via[0].URL.Scheme, hostPort(r.URL) != hostPort(via[0].URL):
			return errForeignFile
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
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"),
}

func isPublic(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate() && !slices.ContainsFunc(notPublic, func(p netip.Prefix) bool { return p.Contains(a) })
}

// trusts reports whether a file is fetched, and the token sent, there.
func (f *files) trusts(u *url.URL) bool {
	if u.User != nil {
		return false
	}
	if u.Scheme == f.api.Scheme && hostPort(u) == hostPort(f.api) {
		return true
	}
	host := strings.ToLower(u.Hostname())
	return u.Scheme == "https" && hostPort(u) == host+":443" && slices.ContainsFunc(fileDomains, func(domain string) bool {
		return host == domain || strings.HasSuffix(host, "."+domain)
	})
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// open fetches a file. A refusal of the host is told by its status, 0 where there was none.
func (f *files) open(ctx context.Context, file wireFile) (body io.ReadCloser, status int, err error) {
	address := file.Download
	if address == "" {
		address = file.Private
	}
	u, err := url.Parse(address)
	if err != nil || !f.trusts(u) {
		return nil, 0, errForeignFile
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, 0, errForeignFile
	}
	req.Header.Set("Authorization", "Bearer "+f.token)
	resp, err := f.client.Do(req)
	if err != nil {
		return nil, 0, withoutURL(err)
	}
	if resp.StatusCode == http.StatusOK && !isLogin(resp, file) {
		return resp.Body, resp.StatusCode, nil
	}
	_ = resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		return nil, resp.StatusCode, errLogin
	}
	return nil, resp.StatusCode, fmt.Errorf("the file's host answers with status %d", resp.StatusCode)
}

// isLogin reports whether a web page came in the place of a file that is none, or of one of another size.
func isLogin(resp *http.Response, file wireFile) bool {
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil || kind != "text/html" {
		return false
	}
	html := file.Filetype == "html" || strings.HasPrefix(file.Mimetype, "text/html")
	return !html || file.Size > 0 && resp.ContentLength >= 0 && resp.ContentLength != file.Size
}
