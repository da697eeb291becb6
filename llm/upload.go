package llm

import (
	"bytes"
	"cmp"
	"io"
	"mime/multipart"
	"strings"
)

// The names by which refused parts of a transcription are remembered, beside those of chat requests.
const (
	refusedVerbose  = "verbose_json"
	refusedJSON     = "response_format json"
	refusedLanguage = "language"
	refusedPrompt   = "prompt"
)

// upload makes the form of a transcription. The model stands before the file: Together reads the form as it comes. The file is read as
// it is sent.
func (c *Client) upload(req TranscribeRequest) (*body, error) {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	fields := [][2]string{{"model", c.model}, {"response_format", c.refused.format()}}
	language := req.Language
	if language == "" && c.serverKind(c.known.read()) == serverTogether {
		language = "auto" // Together takes English for granted otherwise; others know no such language
	}
	if language != "" && !req.Translate && !c.refused.has(refusedLanguage) {
		fields = append(fields, [2]string{"language", language})
	}
	if req.Prompt != "" && !c.refused.has(refusedPrompt) {
		fields = append(fields, [2]string{"prompt", strings.ToValidUTF8(req.Prompt, "\uFFFD")})
	}
	for _, f := range fields {
		if err := w.WriteField(f[0], f[1]); err != nil {
			return nil, err
		}
	}
	if _, err := w.CreateFormFile("file", fileName(req)); err != nil {
		return nil, err
	}
	before := form.Len()
	if err := w.Close(); err != nil {
		return nil, err
	}
	out := &body{contentType: w.FormDataContentType()}
	out.addBytes(form.Bytes()[:before])
	out.add(req.Size, func() io.Reader { return io.NewSectionReader(req.File, 0, req.Size) })
	out.addBytes(form.Bytes()[before:])
	return out, nil
}

// fileName is a name that says the format and nothing of the person's machine.
func fileName(req TranscribeRequest) string {
	format := cmp.Or(req.Format, "wav")
	if dot := strings.LastIndexByte(req.Name, '.'); dot >= 0 && len(req.Name)-dot <= 6 {
		format = req.Name[dot+1:]
	}
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(format))
	return "audio." + cmp.Or(plain, "wav")
}

// format is the most telling form of answer that the server has not refused.
func (r *refusals) format() string {
	switch {
	case r.has(refusedJSON):
		return "text"
	case r.has(refusedVerbose):
		return "json"
	}
	return "verbose_json"
}
