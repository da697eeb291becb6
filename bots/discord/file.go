package discord

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"net/textproto"
	"strings"

	"parley/bots"
	"parley/conversation"
)

// upload names a file of a multipart post (discord.com/developers/docs/reference#uploading-files).
type upload struct {
	ID       int    `json:"id"`
	Filename string `json:"filename"`
}

// PostFile implements conversation.FilePoster. It answers without a ping: the parts before it had one. Where a permission
// is missing, that may be Attach Files alone, which leaves messages allowed.
func (a *Adapter) PostFile(ctx context.Context, out conversation.Outgoing, file conversation.File) (string, error) {
	body := a.body(out)
	body.Attachments = []upload{{ID: 0, Filename: file.Name}}
	id, err := a.post(ctx, out, body, func(body outgoing) ([]byte, string, error) {
		payload, err := encode(body)
		if err != nil {
			return nil, "", err
		}
		var b bytes.Buffer
		form := multipart.NewWriter(&b)
		if err := writeForm(form, payload, file); err != nil {
			return nil, "", fmt.Errorf("write form: %w", err)
		}
		return b.Bytes(), form.FormDataContentType(), nil
	})
	var api *apiError
	if errors.As(err, &api) && api.code == errorMissingPermission {
		f := *conversation.FailureOf(err)
		f.Code = conversation.CodeCallRefused
		return "", &f
	}
	return id, err
}

func writeForm(form *multipart.Writer, payload []byte, file conversation.File) error {
	name := strings.NewReplacer("\\", "_", `"`, "_", "\r", "", "\n", "").Replace(file.Name)
	for _, p := range []struct {
		disposition, contentType string
		content                  []byte
	}{
		{`form-data; name="payload_json"`, "application/json", payload},
		{`form-data; name="files[0]"; filename="` + name + `"`, "text/plain; charset=utf-8", []byte(bots.Printable(file.Text))},
	} {
		w, err := form.CreatePart(textproto.MIMEHeader{"Content-Disposition": {p.disposition}, "Content-Type": {p.contentType}})
		if err != nil {
			return err
		}
		if _, err := w.Write(p.content); err != nil {
			return err
		}
	}
	return form.Close()
}
