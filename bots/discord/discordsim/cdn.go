package discordsim

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	_ "image/gif"  // sizes of uploaded pictures
	_ "image/jpeg" // sizes of uploaded pictures
	_ "image/png"  // sizes of uploaded pictures
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
)

// storedFile is an uploaded file. Its address names the channel.
type storedFile struct {
	File
	id             string
	messageChannel string
	// ephemeral says that it was given with a command.
	ephemeral bool
}

// addFile stores an upload the way Discord does: the name keeps only plain characters and the
// title what people typed, the type is sniffed when it is not given, pictures get their size.
func (w *world) addFile(channelID string, f File) string {
	plain := plainName(f.Name)
	if plain != f.Name && f.Title == "" {
		f.Title = strings.TrimSuffix(f.Name, path.Ext(f.Name))
	}
	f.Name = plain
	if f.ContentType == "" || f.ContentType == "application/octet-stream" {
		f.ContentType = http.DetectContentType(f.Data)
	}
	if c, _, err := image.DecodeConfig(bytes.NewReader(f.Data)); err == nil && f.Width == 0 {
		f.Width, f.Height = c.Width, c.Height
	}
	stored := &storedFile{File: f, id: w.newID(), messageChannel: channelID}
	w.files[stored.id] = stored
	return stored.id
}

func plainName(name string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_':
			return r
		case r == ' ':
			return '_'
		}
		return -1
	}, name)
	if strings.Trim(plain, ".") == "" || strings.HasPrefix(plain, ".") {
		return "file" + path.Ext(plain)
	}
	return plain
}

// link signs the address of a file: ex and is are hexadecimal seconds, hm the signature. Discord's
// links last about a day (discord.com/developers/docs/reference#signed-attachment-cdn-urls). The
// lock must be held.
func (s *Server) link(attachmentID string) string {
	f := s.world.files[attachmentID]
	now := s.options.Clock()
	p := "/attachments/" + f.messageChannel + "/" + f.id + "/" + f.Name
	if f.ephemeral {
		p = "/ephemeral-attachments/" + s.world.applicationID + "/" + f.id + "/" + f.Name
	}
	ex := strconv.FormatInt(now.Add(s.options.LinkLifetime).Unix(), 16)
	is := strconv.FormatInt(now.Unix(), 16)
	return fmt.Sprintf("http://%s%s?ex=%s&is=%s&hm=%s&", s.addr, p, ex, is, s.sign(p, ex, is))
}

func (s *Server) sign(p, ex, is string) string {
	mac := hmac.New(sha256.New, s.linkKey)
	fmt.Fprintf(mac, "%s\n%s\n%s", p, ex, is)
	return hex.EncodeToString(mac.Sum(nil))
}

// ExpireAttachments makes every link that was handed out so far invalid. A message that is fetched
// again carries new ones.
func (s *Server) ExpireAttachments() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.linkKey = newKey()
}

// serveFile serves an upload to whoever has a valid link; no token is needed.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request, route string) {
	call := Call{At: s.options.Clock(), Method: r.Method, Route: strings.TrimPrefix(route, "GET "), Path: r.URL.Path, Query: r.URL.Query(), Status: http.StatusOK}
	fault, faulty := s.takeFault(route)
	call.Fault = faulty
	if !s.wait(r, fault.Delay) {
		return
	}
	file := s.fileFor(r.URL.Path, r.PathValue("attachment"), r.URL.Query())
	switch {
	case fault.DropRequest || fault.DropResponse:
		s.recordCall(call)
		hangUp(w)
	case fault.Status != 0:
		a := fault.answer()
		call.Status = a.status
		s.recordCall(call)
		a.write(w)
	case file == nil:
		call.Status = http.StatusNotFound
		s.recordCall(call)
		http.Error(w, "This content is no longer available.", http.StatusNotFound)
	default:
		s.recordCall(call)
		w.Header().Set("Content-Type", file.ContentType)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(file.Data))
	}
}

// fileFor returns the file of a link that is signed and not expired.
func (s *Server) fileFor(p, id string, query url.Values) *storedFile {
	s.mu.Lock()
	defer s.mu.Unlock()
	ex, is := query.Get("ex"), query.Get("is")
	until, err := strconv.ParseInt(ex, 16, 64)
	if err != nil || s.options.Clock().Unix() > until || !hmac.Equal([]byte(query.Get("hm")), []byte(s.sign(p, ex, is))) {
		return nil
	}
	return s.world.files[id]
}
