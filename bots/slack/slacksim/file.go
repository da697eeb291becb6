package slacksim

import (
	"bytes"
	"fmt"
	"image"
	_ "image/gif" // formats whose size Slack reports
	_ "image/jpeg"
	_ "image/png"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
)

// File is an uploaded file. Its bytes come from FileBytes; the app fetches them from URL with its
// bot token.
type File struct {
	ID      string // F…
	Name    string
	Title   string
	MIME    string
	Size    int64
	User    string
	URL     string // url_private
	Created time.Time
	Deleted bool
	Access  FileAccess
}

// FileAccess is how the app sees a file; the zero value is as uploaded.
type FileAccess string

// The ways in which a file is not what it seems (docs.slack.dev/reference/objects/file-object).
const (
	// FileCheckInfo hides a file in messages, as in shared channels: only files.info tells more.
	FileCheckInfo FileAccess = "check_file_info"
	// FileDenied is one that files.info does not show either.
	FileDenied FileAccess = "access_denied"
	// FileHidden is one over the limit of a free workspace.
	FileHidden FileAccess = "hidden_by_limit"
	// FileExternal is kept by another service; its link leads there.
	FileExternal FileAccess = "external"
)

// SetFileAccess changes how the app sees a file. For FileExternal the file's URL becomes link.
func (w *Workspace) SetFileAccess(id string, access FileAccess, link string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := w.files[id]
	if f == nil {
		return fmt.Errorf("change access of file %q: %w", id, ErrNoSuchFile)
	}
	f.Access = access
	if link != "" {
		f.URL = link
	}
	w.publish(Change{Kind: FileChanged})
	return nil
}

type file struct {
	File
	data   []byte
	token  string            // of the upload link, until used
	shares map[string]string // channel id to message ts
	done   bool              // completed or shared; before, nobody sees it
}

// Upload stores a file of this user. It is seen once it is posted, see WithFiles.
func (w *Workspace) Upload(user, name, mime string, data []byte) (File, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.users[user] == nil {
		return File{}, fmt.Errorf("upload as %q: %w", user, ErrNoSuchUser)
	}
	if int64(len(data)) > w.maxFile {
		return File{}, fmt.Errorf("upload %s: %d bytes are more than the %d allowed", name, len(data), w.maxFile)
	}
	f := w.newFile(user, name, mime, int64(len(data)))
	f.data = slices.Clone(data)
	return f.File, nil
}

func (w *Workspace) newFile(user, name, mime string, size int64) *file {
	f := &file{
		File:   File{ID: w.ids.id("F"), Name: name, Title: name, MIME: mime, Size: size, User: user, Created: w.clock()},
		shares: map[string]string{},
	}
	f.URL = w.base + "/files-pri/" + w.team.ID + "-" + f.ID + "/" + url.PathEscape(path.Base(name))
	w.files[f.ID] = f
	return f
}

// File returns the file with this id.
func (w *Workspace) File(id string) (File, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if f := w.files[id]; f != nil {
		return f.File, true
	}
	return File{}, false
}

// FileBytes returns a copy of a file's content.
func (w *Workspace) FileBytes(id string) ([]byte, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if f := w.files[id]; f != nil && !f.Deleted {
		return slices.Clone(f.data), true
	}
	return nil, false
}

// DeleteFile removes a file; messages then carry it with the mode tombstone.
func (w *Workspace) DeleteFile(id string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := w.files[id]
	if f == nil {
		return fmt.Errorf("delete file %q: %w", id, ErrNoSuchFile)
	}
	f.Deleted, f.data = true, nil
	w.publish(Change{Kind: FileChanged})
	return nil
}

// attach prepares a message that carries files.
func (w *Workspace) attach(c *channel, m *Message, ids []string) ([]File, error) {
	var out []File
	for _, id := range ids {
		f := w.files[id]
		if f == nil || f.Deleted {
			return nil, fmt.Errorf("attach file %q: %w", id, ErrNoSuchFile)
		}
		f.done = true
		f.shares[c.ID] = m.TS
		out = append(out, f.File)
	}
	if len(out) > 0 && m.Subtype == "" {
		m.Subtype = subtypeFileShare
	}
	return out, nil
}

// shared tells the app of the files of a message that was just posted.
func (w *Workspace) shared(c *channel, m *Message, announced bool) {
	for _, f := range m.Files {
		w.publish(Change{Kind: FileChanged, Channel: c.ID, TS: m.TS})
		if announced {
			w.emit("file_shared", "file_shared", c, object{
				"channel_id": c.ID, "file_id": f.ID, "user_id": m.User, "file": object{"id": f.ID},
			})
		}
	}
}

// wireFile is a file object, whole as files.info gives it; see docs.slack.dev/reference/objects/file-object.
func (w *Workspace) wireFile(id string, whole bool) object {
	f := w.files[id]
	switch {
	case f.Deleted:
		return object{"id": f.ID, "mode": "tombstone"}
	case f.Access == FileHidden:
		return object{"id": f.ID, "mode": "hidden_by_limit"}
	case f.Access == FileDenied, f.Access == FileCheckInfo && !whole:
		return object{"id": f.ID, "mode": "file_access", "file_access": string(f.Access), "created": 0, "timestamp": 0, "user": ""}
	}
	ext := strings.TrimPrefix(path.Ext(f.Name), ".")
	if ext == "" {
		ext = "binary"
	}
	out := object{
		"id": f.ID, "created": f.Created.Unix(), "timestamp": f.Created.Unix(), "name": f.Name, "title": f.Title,
		"mimetype": f.MIME, "filetype": ext, "pretty_type": strings.ToUpper(ext), "user": f.User, "user_team": w.team.ID,
		"size": f.Size, "mode": "hosted", "editable": false, "is_external": false, "external_type": "",
		"is_public": false, "public_url_shared": false, "display_as_bot": false, "username": "",
		"url_private": f.URL, "url_private_download": f.URL + "?download=1",
		"permalink": w.base + "/files/" + f.User + "/" + f.ID, "media_display_type": "unknown", "file_access": "visible",
	}
	if f.Access == FileExternal {
		out["mode"], out["is_external"], out["external_type"] = "external", true, "gdrive"
	}
	if size, _, err := image.DecodeConfig(bytes.NewReader(f.data)); err == nil {
		out["original_w"], out["original_h"] = size.Width, size.Height
	}
	w.wireShares(f, out)
	return out
}

func (w *Workspace) wireShares(f *file, out object) {
	public, private := object{}, object{}
	lists := map[string][]string{"channels": {}, "groups": {}, "ims": {}}
	for id, ts := range f.shares {
		c := w.channels[id]
		share := []object{{"ts": ts, "channel_name": c.Name, "team_id": w.team.ID}}
		switch c.Kind {
		case PublicChannel:
			public[id], out["is_public"] = share, true
			lists["channels"] = append(lists["channels"], id)
		case DirectMessage:
			private[id] = share
			lists["ims"] = append(lists["ims"], id)
		default:
			private[id] = share
			lists["groups"] = append(lists["groups"], id)
		}
	}
	for name, ids := range lists {
		slices.Sort(ids)
		out[name] = ids
	}
	out["shares"] = object{"public": public, "private": private}
}
