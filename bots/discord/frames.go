package discord

// WebSocket opcodes (RFC 6455 11.8).
const (
	frameText  = 1
	frameClose = 8
)

// maxWatched is the longest payload that is kept for a look, in bytes: everything but dispatches is shorter.
const maxWatched = 4096

// frame is one WebSocket frame from the gateway.
type frame struct {
	opcode  byte
	first   byte
	payload []byte
	// complete says that payload is all of the payload.
	complete bool
}

// frames finds the frames in what a server sends after the HTTP answer to the upgrade, byte by byte. It keeps at most
// maxWatched bytes. Fragments and compressed frames do not occur on this gateway and are passed over.
type frames struct {
	state  frameState
	ends   int // bytes of the blank line that ends the HTTP head
	opcode byte
	masked bool
	need   int    // bytes still missing of a length or a mask
	left   uint64 // bytes still missing of the payload
	length uint64
	first  byte
	kept   []byte
}

type frameState int

const (
	inHead frameState = iota
	inOpcode
	inLength
	inLongLength
	inMask
	inPayload
)

// next takes one byte; whole says that it was the last of frame f.
func (d *frames) next(b byte) (f frame, whole bool) {
	switch d.state {
	case inHead:
		d.head(b)
	case inOpcode:
		d.opcode, d.state = b&0x0f, inLength
	case inLength:
		d.masked, d.length = b&0x80 != 0, uint64(b&0x7f)
		switch d.length {
		case 126:
			d.state, d.need, d.length = inLongLength, 2, 0
		case 127:
			d.state, d.need, d.length = inLongLength, 8, 0
		default:
			return d.body()
		}
	case inLongLength:
		d.length = d.length<<8 | uint64(b)
		if d.need--; d.need == 0 {
			return d.body()
		}
	case inMask:
		if d.need--; d.need == 0 {
			return d.payload()
		}
	case inPayload:
		if d.left == d.length {
			d.first = b
		}
		if len(d.kept) < maxWatched {
			d.kept = append(d.kept, b)
		}
		if d.left--; d.left == 0 {
			return d.finish()
		}
	}
	return frame{}, false
}

// head looks for the blank line.
func (d *frames) head(b byte) {
	if b == "\r\n\r\n"[d.ends] {
		d.ends++
	} else if b == '\r' {
		d.ends = 1
	} else {
		d.ends = 0
	}
	if d.ends == 4 {
		d.state, d.ends = inOpcode, 0
	}
}

func (d *frames) body() (frame, bool) {
	if d.masked {
		d.state, d.need = inMask, 4
		return frame{}, false
	}
	return d.payload()
}

func (d *frames) payload() (frame, bool) {
	d.left, d.first, d.kept = d.length, 0, d.kept[:0]
	if d.length == 0 {
		return d.finish()
	}
	d.state = inPayload
	return frame{}, false
}

func (d *frames) finish() (frame, bool) {
	d.state = inOpcode
	return frame{opcode: d.opcode, first: d.first, payload: d.kept, complete: d.length <= maxWatched}, true
}
