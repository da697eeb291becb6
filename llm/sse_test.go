package llm_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"parley/llm"
)

func TestSSE(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		rule, body string
		want       []string
	}{
		{"lines end in LF", "data: a\n\ndata: b\n\n", []string{"|a", "|b"}},
		{"lines end in CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", []string{"|a", "|b"}},
		{"lines end in CR", "data: a\r\rdata: b\r\r", []string{"|a", "|b"}},
		{"line ends may be mixed", "data: a\r\ndata: b\rdata: c\n\r\n", []string{"|a\nb\nc"}},
		{"a byte order mark is skipped", "\xef\xbb\xbfdata: a\n\n", []string{"|a"}},
		{"only the first byte order mark is one", "data: \xef\xbb\xbfa\n\n", []string{"|\xef\xbb\xbfa"}},
		{"data lines are joined", "data: a\ndata:\ndata: b\n\n", []string{"|a\n\nb"}},
		{"one space after the colon is taken off", "data:  a\n\ndata:b\n\n", []string{"| a", "|b"}},
		{"a line without a colon is a field with no value", "data\n\n", []string{"|"}},
		{"comments are skipped", ": ping\n\n:\n\ndata: a\n: ping\n\n", []string{"|a"}},
		{"the type belongs to its event only", "event: error\ndata: a\n\ndata: b\n\n", []string{"error|a", "|b"}},
		{"a type without data is no event", "event: error\n\ndata: b\n\n", []string{"|b"}},
		{"other types are kept", "event: ping\ndata: a\n\nevent: message\ndata: b\n\n", []string{"ping|a", "|b"}},
		{"id, retry and unknown fields are skipped", "id: 1\nretry: 5\nfoo: bar\ndata: a\n\n", []string{"|a"}},
		{"an event pending at the end counts", "data: a\n\ndata: b\n", []string{"|a", "|b"}},
		{"a line pending at the end counts", "data: a\n\ndata: b", []string{"|a", "|b"}},
		{"an error field is an error event", "error: {\"code\":500}\n\n", []string{"error|{\"code\":500}"}},
		{"blank lines are no events", "\n\n\r\n\r\r\n", nil},
		{"an empty body has no events", "", nil},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			t.Parallel()
			for how, body := range map[string]io.Reader{
				"whole": strings.NewReader(tc.body), "byte by byte": iotest.OneByteReader(strings.NewReader(tc.body)),
				"halves": iotest.HalfReader(strings.NewReader(tc.body)), "with the error": iotest.DataErrReader(strings.NewReader(tc.body)),
			} {
				got, err := llm.SSE(body)
				if !errors.Is(err, io.EOF) || !slices.Equal(got, tc.want) {
					t.Errorf("%s: got %q, %v; want %q", how, got, err, tc.want)
				}
			}
		})
	}
}

func TestSSEDispatchesBeforeTheNextByteComes(t *testing.T) {
	t.Parallel()
	for _, ends := range []string{"\n\n", "\r\n\r\n", "\r\r"} {
		// A reader that fails after the event: the event must have been given out by then.
		got, err := llm.SSE(io.MultiReader(strings.NewReader("data: a"+ends), iotest.ErrReader(errors.New("gone"))))
		if err == nil || err.Error() != "gone" || !slices.Equal(got, []string{"|a"}) {
			t.Errorf("line end %q: got %q, %v", ends, got, err)
		}
	}
}

func TestSSEDropsWhatAFailedReadCutOff(t *testing.T) {
	t.Parallel()
	got, err := llm.SSE(io.MultiReader(strings.NewReader("data: a\n\ndata: b\n"), iotest.ErrReader(io.ErrUnexpectedEOF)))
	if !errors.Is(err, io.ErrUnexpectedEOF) || !slices.Equal(got, []string{"|a"}) {
		t.Fatalf("got %q, %v", got, err)
	}
}

// endless repeats one byte for ever.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

func TestSSEIsBounded(t *testing.T) {
	t.Parallel()
	for rule, body := range map[string]io.Reader{
		"a line without an end":   endless('x'),
		"an event without an end": io.MultiReader(strings.NewReader("data: a\n"), &repeated{text: "data: " + strings.Repeat("x", 1000) + "\n"}),
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			got, err := llm.SSE(body)
			if err == nil || errors.Is(err, io.EOF) || len(got) > 0 {
				t.Fatalf("got %d events, %v", len(got), err)
			}
		})
	}
}

// repeated repeats a text for ever.
type repeated struct {
	text string
	at   int
}

func (r *repeated) Read(p []byte) (int, error) {
	n := copy(p, r.text[r.at:])
	r.at = (r.at + n) % len(r.text)
	return n, nil
}

func TestSSEGivesUpOnAReaderThatGivesNothing(t *testing.T) {
	t.Parallel()
	if _, err := llm.SSE(nothing{}); !errors.Is(err, io.ErrNoProgress) {
		t.Fatalf("got %v", err)
	}
}

type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, nil }

func FuzzSSE(f *testing.F) {
	for _, seed := range []string{"data: a\n\n", "\xef\xbb\xbfevent: error\r\ndata: {}\r\r", "error: x\n\n:c\n\ndata", okStream} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		whole, err := llm.SSE(bytes.NewReader(body))
		if !errors.Is(err, io.EOF) {
			t.Fatalf("a body in memory gave %v", err)
		}
		pieces, _ := llm.SSE(iotest.OneByteReader(bytes.NewReader(body)))
		if !slices.Equal(whole, pieces) {
			t.Fatalf("whole %q, in pieces %q", whole, pieces)
		}
		for _, event := range whole {
			if strings.ContainsAny(event, "\r") {
				t.Fatalf("a line end stayed in %q", event)
			}
		}
	})
}
