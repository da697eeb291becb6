package slacksim

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
)

func (s *Server) fileInfo(args arguments) (object, error) {
	f := s.files[args["file"]]
	switch {
	case f == nil || !f.done || !s.sees(f):
		return nil, apiError{code: "file_not_found"}
	case f.Deleted:
		return nil, apiError{code: "file_deleted"}
	}
	paging := object{"count": 0, "total": 0, "page": 1, "pages": 0}
	return object{"file": s.wireFile(f.ID, true), "comments": []object{}, "paging": paging, "response_metadata": object{"next_cursor": ""}}, nil
}

// sees says whether the bot may open a file: its own, and those in channels that it is in.
func (s *Server) sees(f *file) bool {
	if f.User == s.bot.ID {
		return true
	}
	for id := range f.shares {
		if s.channels[id].has(s.bot.ID) {
			return true
		}
	}
	return false
}

// uploadURL begins an upload; see docs.slack.dev/messaging/working-with-files.
func (s *Server) uploadURL(args arguments) (object, error) {
	length, err := strconv.ParseInt(args["length"], 10, 64)
	switch {
	case args["filename"] == "" || err != nil || length <= 0:
		return nil, apiError{code: "invalid_arguments"}
	case length > s.maxFile:
		return nil, apiError{code: "file_upload_size_restricted"}
	}
	kind := mime.TypeByExtension(path.Ext(args["filename"]))
	if kind == "" {
		kind = "application/octet-stream"
	}
	kind, _, _ = strings.Cut(kind, ";")
	f := s.newFile(s.bot.ID, args["filename"], kind, length)
	f.token = s.ids.secret(24)
	return object{"file_id": f.ID, "upload_url": s.base + "/upload/v1/" + f.ID + "?token=" + f.token}, nil
}

// serveUpload takes a file's bytes, raw or as the first file of a form.
func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request) {
	fault := s.faults.take("upload")
	if fault.replaces() {
		s.writeFault(w, fault)
		return
	}
	data, err := s.readUpload(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[r.PathValue("id")]
	switch {
	case f == nil || f.token == "" || f.token != r.URL.Query().Get("token"):
		http.Error(w, "unknown upload", http.StatusNotFound)
		return
	case int64(len(data)) != f.Size:
		http.Error(w, fmt.Sprintf("%d bytes were announced, %d came", f.Size, len(data)), http.StatusBadRequest)
		return
	}
	f.data, f.token = data, ""
	_, _ = fmt.Fprintf(w, "OK - %d", len(data)) // the client may be gone
}

func (s *Server) readUpload(r *http.Request) ([]byte, error) {
	body := io.LimitReader(r.Body, s.maxFile+maxBody)
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		r.Body = io.NopCloser(body)
		reader, err := r.MultipartReader()
		if err != nil {
			return nil, fmt.Errorf("read form: %w", err)
		}
		for {
			part, err := reader.NextPart()
			if err != nil {
				return nil, fmt.Errorf("find the file in the form: %w", err)
			}
			if part.FileName() != "" {
				body = part
				break
			}
		}
	}
	data, err := io.ReadAll(io.LimitReader(body, s.maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	if int64(len(data)) > s.maxFile {
		return nil, fmt.Errorf("read file: more than %d bytes", s.maxFile)
	}
	return data, nil
}

// completeUpload ends an upload. Slack shares the file after it has answered, so the answer carries
// no message.
func (s *Server) completeUpload(args arguments) (object, error) {
	list, ok := decode[[]struct {
		ID    string `json:"id"`
		Title string `json:"title"`
	}](args["files"])
	if !ok || len(list) == 0 {
		return nil, apiError{code: "invalid_arguments"}
	}
	answer := []object{}
	ids := []string{}
	for _, item := range list {
		f := s.files[item.ID]
		if f == nil || f.User != s.bot.ID {
			return nil, apiError{code: "file_not_found"}
		}
		if f.data == nil {
			return nil, apiError{code: "file_not_uploaded"}
		}
		if item.Title != "" {
			f.Title = item.Title
		}
		f.done = true
		ids = append(ids, f.ID)
		answer = append(answer, object{"id": f.ID, "title": f.Title})
	}
	if args["channel_id"] == "" {
		return object{"files": answer}, nil
	}
	c, err := s.postable(args["channel_id"])
	if err != nil {
		return nil, err
	}
	m := s.botMessage(c, content{text: args["initial_comment"]})
	m.TS = "" // given when it appears
	if thread := args["thread_ts"]; thread != "" {
		if m.ThreadTS, err = c.threadRoot(thread); err != nil {
			return nil, apiError{code: "invalid_thread_ts"}
		}
	}
	s.later(s.options.Timing.Share, func() { s.share(c, m, ids) })
	return object{"files": answer}, nil
}

func (s *Server) share(c *channel, m *Message, ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.TS = s.ids.ts(s.clock())
	files, err := s.attach(c, m, ids)
	if err != nil { // deleted meanwhile
		s.options.Logger.Debug("share upload", "error", err)
		return
	}
	m.Files = files
	s.post(c, m, announce)
	s.shared(c, m, announce)
}

// serveFile answers a file's link. Without the bot token it leads to the sign-in page, as Slack does.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	fault := s.faults.take("download")
	s.pause(r, fault.Delay)
	login, gone := s.faults.files()
	_, id, _ := strings.Cut(r.PathValue("ids"), "-")
	s.mu.Lock()
	f := s.files[id]
	known := f != nil && !f.Deleted && f.data != nil
	allowed := r.Header.Get("Authorization") == "Bearer "+s.BotToken() && s.allowed("files:read") && known && s.sees(f)
	var data []byte
	var kind string
	if known {
		data, kind = f.data, f.MIME
	}
	s.mu.Unlock()
	switch {
	case fault.replaces():
		s.writeFault(w, fault)
	case login:
		s.serveLogin(w, r)
	case gone || !known:
		http.Error(w, "not found", http.StatusNotFound)
	case !allowed:
		http.Redirect(w, r, "/?redir="+url.QueryEscape(r.URL.Path), http.StatusFound)
	default:
		if kind == "" {
			kind = "application/octet-stream"
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Content-Length", strconv.Itoa(len(data)))
		_, _ = w.Write(data) // the client may be gone
	}
}

func (s *Server) serveLogin(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body>Sign in to your workspace</body></html>\n")
}
