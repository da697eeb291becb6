package llm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"time"
)

// Options configure a [Client]. BaseURL and Model are required.
type Options struct {
	BaseURL string  // "https://api.together.xyz/v1"; what comes before "/chat/completions"
	APIKey  string  // sent as a bearer token to the host of BaseURL only; may be empty for a local server
	Model   string  // the server's name for the model
	Profile Profile // the zero Profile takes [ProfileFor] of Model

	Context                 int      // the window, when the operator has set it: then what the server tells of it does not count; 0: learnt
	InputPrice, OutputPrice *float64 // US dollars per million tokens, when the operator has set them; nil: learnt
	SpeechPrice             *float64 // US dollars per minute of sound that is written down, when the operator has set it; nil: by the model's name
	Vision, Audio           Setting  // whether pictures and sound may be sent; "" is Auto
	Memory                  Memory   // keeps what is learnt of the server; nil: it is learnt anew in each run

	HTTPClient *http.Client // nil: one of its own; its redirect rule is replaced in a copy
	Logger     *slog.Logger // nil: no logs; prompts, answers and the key are never logged

	Connect    time.Duration // until the connection stands; 0 is 5 s
	FirstToken time.Duration // streams, from the connection to the first text; 0 is 30 s, or 300 s for a server on this machine or network, which may first load the model
	Idle       time.Duration // between two chunks; 0 is 30 s, or 120 s for a local server
	Total      time.Duration // one try as a whole; 0 is 10 minutes

	MaxRetries    int // tries after the first; 0 is 2, a negative number is none
	MaxConcurrent int // requests in flight, halved while the server complains; 0 is 8

	// Observe, when set, is called after every try, from the goroutine of the caller. It must not block.
	Observe func(Observation)
}

// Observation is one finished try of one request, for metrics.
type Observation struct {
	Model      string // as configured
	Purpose    string // the request's label; "models" for a listing
	Outcome    string // "ok", or the [Kind] of the error
	Attempt    int    // 1 for the first try
	Usage      Usage  // zero when the server did not tell
	FirstToken time.Duration
	Total      time.Duration
}

const (
	connectTimeout     = 5 * time.Second
	hostedFirstToken   = 30 * time.Second
	localFirstToken    = 300 * time.Second
	hostedIdle         = 30 * time.Second
	localIdle          = 120 * time.Second
	totalTimeout       = 10 * time.Minute
	defaultRetries     = 2
	defaultConcurrency = 8
)

// withDefaults checks the required fields and fills in the others.
func (o Options) withDefaults() (Options, *url.URL, error) {
	base, err := parseBaseURL(o.BaseURL)
	if err != nil {
		return o, nil, err
	}
	if strings.TrimSpace(o.Model) == "" {
		return o, nil, errors.New("the model has no name: give the server's name for it, such as google/gemma-3n-E4B-it")
	}
	if err := errors.Join(o.Vision.check("vision"), o.Audio.check("audio")); err != nil {
		return o, nil, err
	}
	if strings.ContainsFunc(o.APIKey, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return o, nil, errors.New("the API key holds a space, a line end or another character that no key has: copy it again")
	}
	if reflect.ValueOf(o.Profile).IsZero() {
		o.Profile = ProfileFor(o.Model)
	}
	if o.Context > 0 {
		o.Profile.Context = o.Context
	}
	if o.InputPrice != nil {
		o.Profile.InputPrice = *o.InputPrice
	}
	if o.OutputPrice != nil {
		o.Profile.OutputPrice = *o.OutputPrice
	}
	if o.SpeechPrice != nil {
		o.Profile.SpeechPrice = *o.SpeechPrice
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Observe == nil {
		o.Observe = func(Observation) {}
	}
	first, idle := hostedFirstToken, hostedIdle
	if isLocal(base.Hostname()) {
		first, idle = localFirstToken, localIdle
	}
	o.Connect = positive(o.Connect, connectTimeout)
	o.FirstToken = positive(o.FirstToken, first)
	o.Idle = positive(o.Idle, idle)
	o.Total = positive(o.Total, totalTimeout)
	if o.MaxRetries == 0 {
		o.MaxRetries = defaultRetries
	}
	o.MaxRetries = max(o.MaxRetries, 0)
	if o.MaxConcurrent <= 0 {
		o.MaxConcurrent = defaultConcurrency
	}
	return o, base, nil
}

func positive(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}

// parseBaseURL takes a base URL as people write it. Errors do not repeat the URL: it may hold a password.
func parseBaseURL(raw string) (*url.URL, error) {
	base, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, errors.New("the model server's base URL must look like https://host/v1")
	}
	if base.User != nil {
		return nil, errors.New("the model server's base URL holds a user or password: give the key apart from it")
	}
	base.Fragment = ""
	base.Path = strings.TrimSuffix(strings.TrimRight(base.Path, "/"), "/chat/completions")
	base.RawPath = ""
	return base, nil
}

// isLocal tells whether a host is this machine or one nearby: such servers load models and read prompts slowly. Names
// without a dot are containers of one compose file.
func isLocal(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if ip, err := netip.ParseAddr(host); err == nil {
		ip = ip.Unmap()
		return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified()
	}
	if !strings.Contains(host, ".") {
		return true
	}
	for _, suffix := range []string{".localhost", ".local", ".internal", ".lan", ".home.arpa"} {
		if strings.HasSuffix(host, suffix) {
			return true
		}
	}
	return false
}

// httpClient is a copy of the given client, or a new one, that follows a redirect only to the same origin: neither the
// key nor the prompt goes anywhere else.
func httpClient(given *http.Client, concurrent int) *http.Client {
	var client http.Client
	if given != nil {
		client = *given
	} else {
		client.Transport = &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{KeepAlive: 30 * time.Second}).DialContext,
			ForceAttemptHTTP2:   true,
			MaxIdleConnsPerHost: concurrent,
			IdleConnTimeout:     90 * time.Second,
		}
	}
	client.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		from := via[len(via)-1]
		if len(via) > 3 || next.Method != from.Method || next.URL.Scheme != from.URL.Scheme || next.URL.Host != from.URL.Host {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return &client
}

// fieldNames are the request fields that a server may refuse, after which they are left out.
var fieldNames = []string{"stream_options", "top_k", "top_p", "temperature"}

// errNoSlot wraps what ended the wait for a place among the requests in flight.
func errNoSlot(ctx context.Context) *Error {
	e := contextError(ctx)
	if e == nil {
		e = &Error{Kind: KindCancelled, Err: ctx.Err()}
	}
	e.Message = fmt.Sprintf("%s while it waited for other requests to end", e.Message)
	return e
}
