package slacksim

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
)

// Sign returns the X-Slack-Signature of a body sent at this Unix time, in seconds; see
// docs.slack.dev/authentication/verifying-requests-from-slack.
func Sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + timestamp + ":"))
	mac.Write(body)
	return "v0=" + hex.EncodeToString(mac.Sum(nil))
}

// SetRequestURL changes the app from Socket Mode to the HTTP Events API at this URL. As Slack does,
// it first sends url_verification and fails when the challenge does not come back.
func (s *Server) SetRequestURL(ctx context.Context, url string) error {
	challenge := s.ids.secret(40)
	body := mustJSON(object{"token": s.verification, "challenge": challenge, "type": "url_verification"})
	status, _, answer, err := s.postSigned(ctx, url, "application/json", body, 0, "")
	if err != nil {
		return fmt.Errorf("verify request URL: %w", err)
	}
	if status != http.StatusOK || !strings.Contains(string(answer), challenge) {
		return fmt.Errorf("verify request URL: status %d, the challenge was not in the answer", status)
	}
	s.courier.mu.Lock()
	defer s.courier.mu.Unlock()
	s.courier.hook = url
	return nil
}

// postSigned posts a signed body to the app.
func (s *Server) postSigned(ctx context.Context, url, kind string, body []byte, retry int, reason string) (int, http.Header, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, s.options.Timing.Ack)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, fmt.Errorf("build request: %w", err)
	}
	// The receiver compares this with its own clock, so it is real time whatever the options say.
	timestamp := strconv.FormatInt(s.wallClock().Unix(), 10)
	req.Header.Set("Content-Type", kind)
	req.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	req.Header.Set("X-Slack-Request-Timestamp", timestamp)
	req.Header.Set("X-Slack-Signature", Sign(s.SigningSecret(), timestamp, body))
	if retry > 0 {
		req.Header.Set("X-Slack-Retry-Num", strconv.Itoa(retry))
		req.Header.Set("X-Slack-Retry-Reason", reason)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, nil, nil, fmt.Errorf("post to app: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return resp.StatusCode, resp.Header, nil, fmt.Errorf("read answer: %w", err)
	}
	return resp.StatusCode, resp.Header, answer, nil
}

// post tries one delivery over HTTP. A 2xx answer within three seconds acknowledges it.
func (c *courier) post(url string, j *job) {
	s := c.server
	c.mu.Lock()
	j.delivery.Attempts = append(j.delivery.Attempts, Attempt{
		Via: "http", SentAt: s.options.Clock(), Retry: j.retry, Reason: j.reason,
	})
	n := len(j.delivery.Attempts) - 1
	c.mu.Unlock()
	status, header, _, err := s.postSigned(s.lifetime, url, "application/json", j.delivery.Payload, j.retry, j.reason)
	c.mu.Lock()
	defer c.mu.Unlock()
	j.delivery.Attempts[n].Status = status
	switch {
	case err == nil && status >= 200 && status < 300:
		j.delivery.Attempts[n].AckedAt = s.options.Clock()
		c.settle(j.delivery)
	case err == nil && header.Get("X-Slack-No-Retry") == "1":
		j.delivery.GaveUp = true
		s.publish(Change{Kind: DeliveryChanged})
	default:
		c.failed(j, hookReason(err))
	}
}

// hookReason is the x-slack-retry-reason of a failed attempt; see docs.slack.dev/apis/events-api.
func hookReason(err error) string {
	switch {
	case err == nil:
		return "http_error"
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded):
		return "http_timeout"
	default:
		return "connection_failed"
	}
}
