package bots

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// ErrPrivateNet says that a file's host has an address inside a private network.
var ErrPrivateNet = errors.New("the address is inside a private network")

// Origin is where a platform's files and answers are: its API's own address, which may be a simulator's or a mirror's on this machine,
// and the platform's hosts, which are reached by https alone.
type Origin struct {
	// API is the base of the platform's API, as it was configured.
	API *url.URL
	// Host reports whether a name, in lower case, is the platform's own.
	Host func(name string) bool
}

// Trusts reports whether something of the platform's may be fetched from u, or sent there.
func (o Origin) Trusts(u *url.URL) bool {
	if u.User != nil || u.Host == "" {
		return false
	}
	if u.Scheme == o.API.Scheme && HostPort(u) == HostPort(o.API) {
		return true
	}
	name := strings.ToLower(u.Hostname())
	return u.Scheme == "https" && HostPort(u) == net.JoinHostPort(name, "443") && o.Host(name)
}

// Transport connects to public addresses only: people's files are fetched from addresses that others wrote. The API's own host is
// excepted, and the proxy on the way to host, if the environment names one: whoever runs Parley chose both. header is how
// long a server may take to begin its answer, conns how many connections one host gets.
func (o Origin) Transport(host string, header time.Duration, conns int) *http.Transport {
	chosen := []string{HostPort(o.API)}
	if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: "https", Host: host}}); err == nil && proxy != nil {
		chosen = append(chosen, HostPort(proxy))
	}
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: header,
		MaxConnsPerHost: conns, IdleConnTimeout: 90 * time.Second, ForceAttemptHTTP2: true, DisableCompression: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			d := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}
			if !slices.Contains(chosen, address) {
				d.Control = publicOnly
			}
			return d.DialContext(ctx, network, address)
		},
	}
}

// publicOnly looks at the address itself, after the name was resolved: a name may lead anywhere, and elsewhere the next time.
func publicOnly(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !IsPublic(at.Addr()) {
		return ErrPrivateNet
	}
	return nil
}

// notPublic are ranges that netip's own questions leave out (iana.org/assignments/iana-ipv4-special-registry and
// iana-ipv6-special-registry): networks of providers, tests and benchmarks, and those of IPv6 that hold an address of IPv4.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/32"),
	netip.MustParsePrefix("::/96"),
}

// IsPublic reports whether an address lies outside all private and special networks.
func IsPublic(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsGlobalUnicast() && !a.IsPrivate() && !slices.ContainsFunc(notPublic, func(p netip.Prefix) bool { return p.Contains(a) })
}

// HostPort is where a URL leads, with the port that its scheme implies.
func HostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// WithoutURL drops the address that net/http puts into its errors: it may be a secret, and holds people's ids.
func WithoutURL(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
