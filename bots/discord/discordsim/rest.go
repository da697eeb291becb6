package discordsim

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// endpoint is one REST route. The handler runs under the server's lock and returns the value to
// answer with; nil answers 204.
type endpoint struct {
	route  string
	open   bool // needs no token
	limit  *rule
	handle func(*Server, *request) (any, error)
}

// endpoints lists every REST route under /api/v9 and /api/v10.
func endpoints() []endpoint {
	return []endpoint{
		{route: "GET /gateway", open: true, handle: (*Server).getGateway},
		{route: "GET /gateway/bot", handle: (*Server).getGatewayBot},
		{route: "GET /oauth2/applications/@me", handle: (*Server).getApplication},
		{route: "GET /applications/@me", handle: (*Server).getApplication},
		{route: "GET /applications/{application}/commands", handle: (*Server).getCommands},
		{route: "PUT /applications/{application}/commands", handle: (*Server).putCommands},
		{route: "GET /applications/{application}/guilds/{guild}/commands", handle: (*Server).getCommands},
		{route: "PUT /applications/{application}/guilds/{guild}/commands", handle: (*Server).putCommands},
		{route: "POST /interactions/{interaction}/{token}/callback", open: true, handle: (*Server).postCallback},
		{route: "POST /webhooks/{application}/{token}", open: true, handle: (*Server).postFollowup},
		{route: "GET /webhooks/{application}/{token}/messages/{message}", open: true, handle: (*Server).getTokenMessage},
		{route: "PATCH /webhooks/{application}/{token}/messages/{message}", open: true, handle: (*Server).patchTokenMessage},
		{route: "DELETE /webhooks/{application}/{token}/messages/{message}", open: true, handle: (*Server).deleteTokenMessage},
		{route: "GET /users/@me", handle: (*Server).getMe},
		{route: "GET /users/@me/guilds", handle: (*Server).getMyGuilds},
		{route: "POST /users/@me/channels", handle: (*Server).postDM},
		{route: "GET /users/{user}", handle: (*Server).getUser},
		{route: "GET /guilds/{guild}", handle: (*Server).getGuild},
		{route: "GET /guilds/{guild}/channels", handle: (*Server).getGuildChannels},
		{route: "GET /guilds/{guild}/roles", handle: (*Server).getRoles},
		{route: "GET /guilds/{guild}/members/{user}", handle: (*Server).getMember},
		{route: "GET /guilds/{guild}/threads/active", handle: (*Server).getActiveThreads},
		{route: "GET /channels/{channel}", handle: (*Server).getChannel},
		{route: "POST /channels/{channel}/typing", limit: &perChannel, handle: (*Server).postTyping},
		{route: "POST /channels/{channel}/threads", handle: (*Server).postThread},
		{route: "POST /channels/{channel}/messages/{message}/threads", handle: (*Server).postMessageThread},
		{route: "GET /channels/{channel}/threads/archived/public", handle: (*Server).getArchivedThreads},
		{route: "GET /channels/{channel}/thread-members/{user}", handle: (*Server).getThreadMember},
		{route: "PUT /channels/{channel}/thread-members/@me", handle: (*Server).joinThread},
		{route: "GET /channels/{channel}/messages", handle: (*Server).getMessages},
		{route: "POST /channels/{channel}/messages", limit: &perChannel, handle: (*Server).postMessage},
		{route: "GET /channels/{channel}/messages/{message}", handle: (*Server).getMessage},
		{route: "PATCH /channels/{channel}/messages/{message}", limit: &perChannel, handle: (*Server).patchMessage},
		{route: "DELETE /channels/{channel}/messages/{message}", handle: (*Server).deleteMessage},
		{route: "PUT /channels/{channel}/messages/{message}/reactions/{emoji}/@me", handle: (*Server).putReaction},
		{route: "DELETE /channels/{channel}/messages/{message}/reactions/{emoji}/@me", handle: (*Server).deleteReaction},
	}
}

// cdnRoute serves uploaded files, outside the API.
const cdnRoute = "GET /attachments/{channel}/{attachment}/{name}"

// optionRoute serves the files that were given with commands.
const optionRoute = "GET /ephemeral-attachments/{application}/{attachment}/{name}"

func known(route string) bool {
	if route == cdnRoute || route == optionRoute {
		return true
	}
	for _, e := range endpoints() {
		if e.route == route {
			return true
		}
	}
	return false
}

// routes builds the mux of REST, gateway and CDN.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for _, e := range endpoints() {
		method, path, _ := strings.Cut(e.route, " ")
		mux.HandleFunc(method+" /api/{version}"+path, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, e) })
	}
	for _, route := range []string{cdnRoute, optionRoute} {
		mux.HandleFunc(route, func(w http.ResponseWriter, r *http.Request) { s.serveFile(w, r, route) })
	}
	mux.HandleFunc("GET "+cmp.Or(s.options.GatewayPath, "/{$}"), s.serveGateway)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		err := errNotFound()
		if wrongMethod(r) {
			err = errMethod()
		}
		a := failure(err)
		s.recordCall(Call{At: s.options.Clock(), Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Status: a.status, Response: a.body})
		a.write(w)
	})
	return mux
}

// wrongMethod tells whether the path exists with another method.
func wrongMethod(r *http.Request) bool {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if len(parts) < 3 {
		return false
	}
	for _, e := range endpoints() {
		_, path, _ := strings.Cut(e.route, " ")
		want := strings.Split(strings.Trim(path, "/"), "/")
		if len(want) != len(parts)-2 {
			continue
		}
		same := true
		for i, part := range want {
			same = same && (strings.HasPrefix(part, "{") || part == parts[i+2])
		}
		if same {
			return true
		}
	}
	return false
}

// serve takes one request through faults, authentication, limits and its handler.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, e endpoint) {
	_, path, _ := strings.Cut(e.route, " ")
	call := Call{At: s.options.Clock(), Method: r.Method, Route: path, Path: r.URL.Path, Query: r.URL.Query()}
	req, err := readRequest(r, s.options.MaxUpload)
	if req != nil {
		call.Body, call.Files = req.body, fileNames(req.files)
	}
	fault, faulty := s.takeFault(e.route)
	call.Fault = faulty
	if !s.wait(r, fault.Delay) {
		return
	}
	var a answer
	switch {
	case fault.DropRequest:
		s.recordCall(call)
		hangUp(w)
		return
	case fault.Status != 0:
		a = fault.answer()
	case err != nil:
		a = failure(err)
	default:
		a = s.handle(req, e)
	}
	call.Status, call.Response = a.status, a.body
	s.recordCall(call)
	if fault.DropResponse {
		hangUp(w)
		return
	}
	a.write(w)
}

func (s *Server) handle(req *request, e endpoint) answer {
	if v := req.PathValue("version"); v != "v9" && v != "v10" {
		return failure(&apiError{status: http.StatusBadRequest, code: 50041, message: "Invalid API version provided"})
	}
	if !e.open && req.Header.Get("Authorization") != "Bot "+s.token {
		return failure(errUnauthorized())
	}
	header, err := s.limit(e.route, req.PathValue("channel"), e.limit)
	if err != nil {
		a := failure(err)
		maps.Copy(a.header, header)
		return a
	}
	value, err := s.locked(req, e)
	if err != nil {
		a := failure(err)
		maps.Copy(a.header, header)
		return a
	}
	a := answer{status: http.StatusNoContent, header: header}
	if value != nil {
		a.status = http.StatusOK
		if c, ok := value.(created); ok {
			a.status, value = http.StatusCreated, c.value
		}
		if a.body, err = json.Marshal(value); err != nil {
			return failure(err)
		}
	}
	return a
}

func (s *Server) locked(req *request, e endpoint) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return e.handle(s, req)
}

// created marks a value that is answered with 201.
type created struct{ value any }

// wait delays a request; false when the client or the server went away.
func (s *Server) wait(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	case <-s.stop:
		return false
	}
}

// answer is a response before it is written.
type answer struct {
	status      int
	contentType string
	header      http.Header
	body        []byte
}

func failure(err error) answer {
	var e *apiError
	if !errors.As(err, &e) {
		e = &apiError{status: http.StatusInternalServerError, message: "500: Internal Server Error"}
	}
	a := answer{status: e.status, header: http.Header{}}
	if e.retryAfter > 0 {
		a.header.Set("Retry-After", strconv.Itoa(int(math.Ceil(e.retryAfter))))
	}
	a.body, _ = json.Marshal(e.body())
	return a
}

func (a answer) write(w http.ResponseWriter) {
	for key, values := range a.header {
		w.Header()[key] = values
	}
	if a.contentType == "" {
		a.contentType = "application/json"
	}
	if a.status != http.StatusNoContent {
		w.Header().Set("Content-Type", a.contentType)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// hangUp cuts the connection without an answer.
func hangUp(w http.ResponseWriter) {
	if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = c.Close()
	}
}
