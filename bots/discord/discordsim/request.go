package discordsim

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
)

// maxRequest is the largest request body in bytes
// (discord.com/developers/docs/reference#uploading-files).
const maxRequest = 25 << 20

// maxFiles is how many files one message may carry.
const maxFiles = 10

// request is a REST request with its body read.
type request struct {
	*http.Request
	body  json.RawMessage
	files []upload
}

// upload is one file part of a multipart body. Field is its form name: files[n], or any other name
// in the older form.
type upload struct {
	field string
	File
}

// readRequest reads JSON or multipart within the limits.
func readRequest(r *http.Request, maxUpload int) (*request, error) {
	r.Body = http.MaxBytesReader(nil, r.Body, maxRequest)
	req := &request{Request: r}
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		data, err := io.ReadAll(r.Body)
		if err != nil {
			return req, readFailure(err)
		}
		if len(data) > 0 && !json.Valid(data) {
			return req, errBadJSON()
		}
		req.body = data
		return req, nil
	}
	reader := multipart.NewReader(r.Body, params["boundary"])
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return req, nil
		}
		if err != nil {
			return req, readFailure(err)
		}
		if err := req.readPart(part, maxUpload); err != nil {
			return req, err
		}
	}
}

func (req *request) readPart(part *multipart.Part, maxUpload int) error {
	data, err := io.ReadAll(part)
	if err != nil {
		return readFailure(err)
	}
	switch {
	case part.FileName() != "" && part.FormName() != "payload_json":
		if len(data) > maxUpload {
			return errTooLarge()
		}
		if len(req.files) == maxFiles {
			return invalid("files", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
		}
		req.files = append(req.files, upload{part.FormName(), File{
			Name: part.FileName(), ContentType: part.Header.Get("Content-Type"), Data: data,
		}})
	case part.FormName() == "payload_json":
		if !json.Valid(data) {
			return errBadJSON()
		}
		req.body = data
	case part.FormName() == "content" && req.body == nil:
		req.body, err = json.Marshal(map[string]string{"content": string(data)})
		return err
	}
	return nil
}

func readFailure(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return errTooLarge()
	}
	return errBadJSON()
}

// decode reads the JSON body; a missing body counts as an empty object.
func (req *request) decode(into any) error {
	if len(req.body) == 0 {
		return nil
	}
	err := json.Unmarshal(req.body, into)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return invalid(wrong.Field, "BASE_TYPE_BAD_TYPE", "Could not interpret the value of this field.")
	}
	if err != nil {
		return errBadJSON()
	}
	return nil
}

func fileNames(files []upload) []string {
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
	}
	return names
}

// describe copies what the JSON body says of uploads (title, description) onto them.
func (req *request) describe(list []wireAttachment, ids []string) []File {
	files := make([]File, len(req.files))
	for i, u := range req.files {
		files[i] = u.File
		number := strings.TrimSuffix(strings.TrimPrefix(u.field, "files["), "]")
		for j, a := range list {
			if ids[j] != number {
				continue
			}
			files[i].Title, files[i].Description = a.Title, a.Description
			files[i].DurationSecs, files[i].Waveform = a.DurationSecs, a.Waveform
			if a.Filename != "" {
				files[i].Name = a.Filename
			}
		}
	}
	return files
}
