package llm

import (
	"bytes"
	"errors"
	"io"
)

// maxEvent bounds one line and the data of one event. A picture in an answer would be the largest thing ever sent; text
// chunks are under a kilobyte.
const maxEvent = 8 << 20

var errEventTooLong = errors.New("server-sent event over 8 MiB")

// sseEvent is one server-sent event. Data is valid until the next call of next.
type sseEvent struct {
	Type string // "" for a plain message
	Data []byte
}

// sseReader reads server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): lines end in LF,
// CRLF or CR, a byte order mark is skipped, data lines are joined by LF, comments are skipped. It differs in two places,
// because model servers do: an event that is pending at the end of the body is dispatched (servers forget the last blank
// line), and a field named "error" (llama.cpp before 2025) is an event of type "error".
type sseReader struct {
	src     io.Reader
	buf     []byte // buf[start:end] is read and not yet consumed
	start   int
	end     int
	scanned int  // bytes after start that hold no line end
	skipLF  bool // the last line ended in CR: an LF right after it belongs to that line end
	begun   bool // the byte order mark has been looked for
	failed  error

	data    []byte
	hasData bool
	typ     string
}

func newSSEReader(src io.Reader) *sseReader {
	return &sseReader{src: src, buf: make([]byte, 4<<10)}
}

// next returns the next event, io.EOF after the last, or the error of the source; an event that a failed read cut off is
// not returned.
func (r *sseReader) next() (sseEvent, error) {
	r.data, r.hasData, r.typ = r.data[:0], false, ""
	for {
		line, err := r.line()
		if err != nil {
			if errors.Is(err, io.EOF) && r.hasData {
				return sseEvent{Type: r.typ, Data: r.data}, nil
			}
			return sseEvent{}, err
		}
		if len(line) == 0 {
			if r.hasData {
				return sseEvent{Type: r.typ, Data: r.data}, nil
			}
			r.typ = ""
			continue
		}
		if err := r.field(line); err != nil {
			return sseEvent{}, err
		}
	}
}

func (r *sseReader) field(line []byte) error {
	name, value, _ := bytes.Cut(line, []byte{':'})
	value = bytes.TrimPrefix(value, []byte{' '})
	switch string(name) {
	case "error":
		r.typ = "error"
	case "data":
	case "event":
		switch string(value) { // spares an allocation for the two that occur
		case "error":
			r.typ = "error"
		case "message":
			r.typ = ""
		default:
			r.typ = string(value)
		}
		return nil
	default: // a comment (empty name), id, retry, or unknown
		return nil
	}
	if len(r.data)+len(value)+1 > maxEvent {
		r.failed = errEventTooLong
		return errEventTooLong
	}
	if r.hasData {
		r.data = append(r.data, '\n')
	}
	r.data = append(r.data, value...)
	r.hasData = true
	return nil
}

// line returns the next line without its end. What stands after the last line end is a line too; io.EOF follows it.
func (r *sseReader) line() ([]byte, error) {
	for {
		if line, ok := r.buffered(); ok {
			return line, nil
		}
		if r.failed != nil {
			if errors.Is(r.failed, io.EOF) && r.end > r.start {
				line := r.buf[r.start:r.end]
				r.start, r.scanned = r.end, 0
				return line, nil
			}
			return nil, r.failed
		}
		if r.end-r.start >= maxEvent {
			r.failed = errEventTooLong
			return nil, r.failed
		}
		r.fill()
	}
}

// buffered cuts a complete line out of what has been read.
func (r *sseReader) buffered() ([]byte, bool) {
	if r.skipLF && r.end > r.start {
		r.skipLF = false
		if r.buf[r.start] == '\n' {
			r.start++
		}
	}
	pending := r.buf[r.start:r.end]
	if !r.begun {
		if len(pending) < len(byteOrderMark) && bytes.HasPrefix(byteOrderMark, pending) && r.failed == nil {
			return nil, false
		}
		r.begun = true
		if bytes.HasPrefix(pending, byteOrderMark) {
			r.start += len(byteOrderMark)
			pending = pending[len(byteOrderMark):]
		}
	}
	fresh := pending[r.scanned:]
	lf := bytes.IndexByte(fresh, '\n')
	before := fresh
	if lf >= 0 {
		before = fresh[:lf]
	}
	end := lf
	if cr := bytes.IndexByte(before, '\r'); cr >= 0 {
		end = cr
		r.skipLF = true // the next line of this stream may already be there: buffered looks then
	}
	if end < 0 {
		r.scanned = len(pending)
		return nil, false
	}
	line := pending[:r.scanned+end]
	r.start += r.scanned + end + 1
	r.scanned = 0
	return line, true
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// fill reads more, moving what is pending to the front and growing the buffer when it is full.
func (r *sseReader) fill() {
	if r.start > 0 {
		copy(r.buf, r.buf[r.start:r.end])
		r.end -= r.start
		r.start = 0
	}
	if r.end == len(r.buf) {
		grown := make([]byte, min(2*len(r.buf), maxEvent+1))
		copy(grown, r.buf)
		r.buf = grown
	}
	for range 100 { // as bufio: a reader that gives nothing for ever is broken
		n, err := r.src.Read(r.buf[r.end:])
		r.end += max(n, 0)
		if err != nil {
			r.failed = err
			return
		}
		if n > 0 {
			return
		}
	}
	r.failed = io.ErrNoProgress
}
