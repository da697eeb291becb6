package slack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"parley/bots"
)

// maxRedirects is how often a file's host may send on to another place of its own.
const maxRedirects = 3

// fileDomains are Slack's own: files are at files.slack.com, those of some plans at the workspace's name. The token goes
// nowhere else: url_private may name any host for a file that another service keeps.
// Slack: docs.slack.dev/reference/methods/files.remote.info.
var fileDomains = []string{"slack.com", "slack-gov.com"}

var (
	errForeignFile = errors.New("the file's address is not Slack's")
	errLogin       = errors.New("slack gives its sign-in page in the file's place: is the scope files:read there")
)

// files fetches what people have uploaded, with the bot token.
type files struct {
	client *http.Client
	origin bots.Origin
	token  string
}

func newFiles(api *url.URL, token string) *files {
	f := &files{origin: bots.Origin{API: api, Host: isFileHost}, token: token}
	transport := f.origin.Transport("files.slack.com", callTimeout, maxConns)
	transport.DisableKeepAlives = true
	f.client = &http.Client{Transport: transport, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		switch {
		case r.URL.Query().Has("redir"):
			return errLogin
		case len(via) > maxRedirects, r.URL.Scheme != via[0].URL.Scheme, bots.HostPort(r.URL) != bots.HostPort(via[0].URL):
			return errForeignFile
		}
		return nil
	}}
	return f
}

func isFileHost(name string) bool {
	return slices.ContainsFunc(fileDomains, func(domain string) bool { return name == domain || strings.HasSuffix(name, "."+domain) })
}

// open fetches a file. A refusal of the host is told by its status, 0 where there was none.
func (f *files) open(ctx context.Context, file wireFile) (body io.ReadCloser, status int, err error) {
	address := file.Download
	if address == "" {
		address = file.Private
	}
	u, err := url.Parse(address)
	if err != nil || !f.origin.Trusts(u) {
		return nil, 0, errForeignFile
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, 0, errForeignFile
	}
	req.Header.Set("Authorization", "Bearer "+f.token)
	resp, err := f.client.Do(req)
	if err != nil {
		return nil, 0, bots.WithoutURL(err)
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
