package slack

import (
	"strings"

	"parley/conversation"
)

// maxFiles bounds the attachments noted of one message; Slack's composer takes ten.
const maxFiles = 50

// attachments notes a message's files by their ids: private links expire with the token, ids do not.
func attachments(files []wireFile) []conversation.Attachment {
	var out []conversation.Attachment
	for _, f := range files {
		if f.ID == "" || f.Mode == "tombstone" || f.Mode == "hidden_by_limit" || len(out) == maxFiles {
			continue
		}
		name := f.Name
		if name == "" {
			name = f.Title
		}
		out = append(out, conversation.Attachment{
			ID: f.ID, Locator: f.ID, Name: cleanName(name), MIME: f.Mimetype, Size: max(f.Size, 0), Kind: kindOf(f),
		})
	}
	return out
}

func kindOf(f wireFile) conversation.AttachmentKind {
	switch f.Subtype {
	case "slack_audio": // a voice clip; its mimetype says video/mp4 in some clients
		return conversation.AttachmentAudio
	case "slack_video":
		return conversation.AttachmentVideo
	}
	family, sub, _ := strings.Cut(f.Mimetype, "/")
	switch family {
	case "image":
		return conversation.AttachmentImage
	case "audio":
		return conversation.AttachmentAudio
	case "video":
		return conversation.AttachmentVideo
	case "text":
		return conversation.AttachmentDocument
	}
	switch f.Filetype {
	case "pdf", "docx", "xlsx", "pptx", "doc", "xls", "ppt", "odt", "ods", "odp", "rtf", "epub", "csv", "json",
		"xml", "yaml", "markdown", "text", "html", "gdoc", "gsheet", "gpres", "post", "space", "quip", "canvas":
		return conversation.AttachmentDocument
	}
	if sub == "pdf" || sub == "json" || sub == "xml" || strings.HasPrefix(sub, "vnd.openxmlformats") {
		return conversation.AttachmentDocument
	}
	return conversation.AttachmentOther
}
