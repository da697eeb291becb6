package slack

import (
	"context"
	"path"
	"strings"
	"time"

	slackapi "github.com/slack-go/slack"

	"parley/bots"
	"parley/conversation"
)

const (
	// Slack shares a completed upload a little later: it is looked for this often, this far apart.
	shareTries = 5
	sharePause = 400 * time.Millisecond
)

// PostFile implements conversation.FilePoster with Slack's upload in three steps. The file's name carries out.SendID,
// by which FindSent knows it; its title is the plain name. The id is that of the message where Slack has shared the
// file in time, else that of the file. Slack: docs.slack.dev/messaging/working-with-files#upload.
func (a *Adapter) PostFile(ctx context.Context, out conversation.Outgoing, file conversation.File) (string, error) {
	name := fileName(file.Name, out.SendID)
	fileID, err := a.upload(ctx, name, bots.Printable(file.Text))
	if err != nil {
		return "", err
	}
	const method = "files.completeUploadExternal"
	for try := 1; ; try++ {
		if err := a.limits.call(ctx, method); err != nil {
			return "", waitFailure(method, err)
		}
		_, err = a.api.CompleteUploadExternalContext(ctx, slackapi.CompleteUploadExternalParameters{
			Files:   []slackapi.FileSummary{{ID: fileID, Title: file.Name}},
			Channel: out.Ref.Channel, ThreadTimestamp: out.Ref.Thread,
		})
		if try < limitedTries && a.limited(ctx, method, out.Ref.Channel, err) {
			continue
		}
		break
	}
	if err != nil {
		return "", a.fail(method, err, true)
	}
	return a.shared(ctx, out, fileID), nil
}

// upload brings the bytes to Slack; nobody sees them yet.
func (a *Adapter) upload(ctx context.Context, name, text string) (fileID string, err error) {
	if text == "" {
		text = "\n" // Slack refuses an empty file
	}
	const method = "files.getUploadURLExternal"
	var target *slackapi.GetUploadURLExternalResponse
	for try := 1; ; try++ {
		if err := a.limits.call(ctx, method); err != nil {
			return "", waitFailure(method, err)
		}
		target, err = a.api.GetUploadURLExternalContext(ctx, slackapi.GetUploadURLExternalParameters{FileName: name, FileSize: len(text)})
		if try < limitedTries && a.limited(ctx, method, "", err) {
			continue
		}
		break
	}
	if err != nil {
		return "", a.fail(method, err, false)
	}
	err = a.api.UploadToURL(ctx, slackapi.UploadToURLParameters{UploadURL: target.UploadURL, Content: text, Filename: name})
	if err != nil {
		return "", a.fail("the upload URL", err, false)
	}
	return target.FileID, nil
}

// shared looks for the message that shows the file.
func (a *Adapter) shared(ctx context.Context, out conversation.Outgoing, fileID string) string {
	out.Part = conversation.FilePart // only the file's name tells
	for range shareTries {
		timer := time.NewTimer(sharePause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return fileID
		case <-timer.C:
		}
		ts, found, err := a.FindSent(ctx, out, a.o.Clock().Add(-10*time.Minute))
		if found {
			return ts
		}
		if err != nil {
			break
		}
	}
	return fileID
}

// fileName puts the send id into a file's name: "answer.md" becomes "answer-abc123.md".
func fileName(name, sendID string) string {
	if sendID == "" {
		return name
	}
	ext := path.Ext(name)
	return strings.TrimSuffix(name, ext) + "-" + sendID + ext
}
