package slack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"parley/bots"
	"parley/conversation"
)

// What people read of a file that cannot be had.
const (
	safeFileGone     = "That file is no longer there. Please send it again."
	safeFileHidden   = "Slack hides that file because the workspace is over its storage limit."
	safeFileExternal = "That file is kept by another service, so I cannot open it. Please upload it to Slack."
	safeFileForeign  = "That file is not where Slack keeps files, so I did not open it."
	safeFileRefused  = "Slack did not give me that file. Please tell whoever runs me; the log has the reason."
	safeFileUnseen   = "I may not see that file. Please /invite me to the channel that it is in, or send it to me."
)

// OpenFile implements conversation.FileOpener. The file is looked up by its id each time: its address, whether it still
// exists and whether the bot may see it are Slack's to tell, also where a message said check_file_info.
// Slack: docs.slack.dev/reference/methods/files.info, docs.slack.dev/reference/objects/file-object.
func (a *Adapter) OpenFile(ctx context.Context, _ conversation.ThreadRef, _ string, file conversation.Attachment) (io.ReadCloser, error) {
	const method = "files.info"
	if !isID(file.Locator) {
		return nil, fileFailure(conversation.CodeFileGone, safeFileGone, fmt.Errorf("%.40q is no file of Slack's", file.Locator))
	}
	p, err := a.read(ctx, method, "", url.Values{"file": {file.Locator}})
	switch errorCode(err) {
	case "":
	case "file_not_found", "file_deleted", "file_tombstoned":
		return nil, fileFailure(conversation.CodeFileGone, safeFileGone, err)
	case "not_visible", "access_denied", "no_permission", "not_in_channel", "channel_not_found", "slack_connect_file_link_sharing_blocked",
		"slack_connect_blocked_file_type", "slack_connect_file_upload_sharing_blocked":
		return nil, fileFailure(conversation.CodeFileRefused, safeFileUnseen, err)
	case "missing_scope":
		return nil, fileFailure(conversation.CodeFileRefused, safeScope, fmt.Errorf("%w%s", err, neededScope(err)))
	}
	if err != nil {
		return nil, a.fail(method, err, false)
	}
	f := p.File
	switch {
	case f.Mode == "tombstone" || f.Access == "file_not_found":
		return nil, fileFailure(conversation.CodeFileGone, safeFileGone, errors.New("the file was deleted"))
	case f.Mode == "hidden_by_limit":
		return nil, fileFailure(conversation.CodeFileGone, safeFileHidden, errors.New("the file is hidden by the plan's limit"))
	case f.External || f.Mode == "external":
		return nil, fileFailure(conversation.CodeFileRefused, safeFileExternal, errors.New("the file is kept outside Slack"))
	case f.Access == "access_denied" || f.Access == "check_file_info" || f.Download == "" && f.Private == "":
		return nil, fileFailure(conversation.CodeFileRefused, safeFileUnseen, fmt.Errorf("files.info tells no address, file_access %.40q", f.Access))
	}
	body, status, err := a.files.open(ctx, f)
	switch {
	case err == nil:
		return body, nil
	case errors.Is(err, errForeignFile), errors.Is(err, bots.ErrPrivateNet):
		return nil, fileFailure(conversation.CodeFileRefused, safeFileForeign, err)
	case errors.Is(err, errLogin), status == http.StatusUnauthorized, status == http.StatusForbidden, status >= 300 && status < 400:
		return nil, fileFailure(conversation.CodeFileRefused, safeFileRefused, err)
	case status == http.StatusNotFound, status == http.StatusGone:
		return nil, fileFailure(conversation.CodeFileGone, safeFileGone, err)
	case status == http.StatusRequestEntityTooLarge:
		return nil, fileFailure(conversation.CodeFileTooLarge, "That file is too large for Slack to give it to me.", err)
	case status == 0, status == http.StatusTooManyRequests, status >= http.StatusInternalServerError:
		return nil, &conversation.Failure{Code: conversation.CodePlatformDown, Retry: true, Safe: safeBusy, Err: fmt.Errorf("open slack file: %w", err)}
	}
	return nil, fileFailure(conversation.CodeFileRefused, safeFileRefused, err)
}

func fileFailure(code conversation.Code, safe string, err error) error {
	return &conversation.Failure{Code: code, Safe: safe, Err: fmt.Errorf("open slack file: %w", err)}
}
