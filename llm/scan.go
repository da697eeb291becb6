package llm

import "bytes"

// scan reads a chunk as servers write them, without allocating: encoding/json takes nine allocations a chunk, and a
// stream has thousands. Raw fields point into the data. It gives up, and the caller takes encoding/json, on anything out
// of the ordinary: escaped or capital letters in a name, a name twice, a value of an odd type. Values that nobody looks
// at are passed over without being checked.
func (c *chunk) scan(data []byte) bool {
	s := scanner{data: data}
	ok := s.object(func(name, value []byte) bool {
		switch string(name) {
		case "id":
			return setOnce(&c.ID, value)
		case "model":
			return setOnce(&c.Model, value)
		case "object":
			return setOnce(&c.Object, value)
		case "error":
			return setOnce(&c.Error, value)
		case "message":
			return setOnce(&c.Message, value)
		case "detail":
			return setOnce(&c.Detail, value)
		case "usage":
			return bytes.Equal(value, jsonNull) // numbers come once a stream: left to encoding/json
		case "choices":
			return len(c.Choices) == 0 && c.scanChoices(value)
		}
		return true
	})
	s.space()
	return ok && s.at == len(s.data)
}

var jsonNull = []byte("null")

func setOnce(field *rawJSON, value []byte) bool {
	if len(*field) > 0 {
		return false
	}
	*field = value
	return true
}

func (c *chunk) scanChoices(list []byte) bool {
	s := scanner{data: list}
	if !s.take('[') {
		return false
	}
	if s.take(']') {
		return true
	}
	c.Choices = append(c.Choices, choice{})
	first := &c.Choices[0]
	ok := s.object(func(name, value []byte) bool {
		switch string(name) {
		case "finish_reason":
			return setOnce(&first.FinishReason, value)
		case "delta":
			return scanContent(value, &first.Delta.Content)
		case "message":
			return scanContent(value, &first.Message.Content)
		}
		return true
	})
	return ok && s.take(']') // a second choice is out of the ordinary
}

func scanContent(data []byte, field *rawJSON) bool {
	if bytes.Equal(data, jsonNull) {
		return true
	}
	s := scanner{data: data}
	return s.object(func(name, value []byte) bool {
		return string(name) != "content" || setOnce(field, value)
	})
}

// scanner walks over JSON.
type scanner struct {
	data []byte
	at   int
}

func (s *scanner) space() {
	for s.at < len(s.data) {
		switch s.data[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

// take passes over space and then b, if it is there.
func (s *scanner) take(b byte) bool {
	s.space()
	if s.at < len(s.data) && s.data[s.at] == b {
		s.at++
		return true
	}
	return false
}

// object hands each field of an object to field, until that says no.
func (s *scanner) object(field func(name, value []byte) bool) bool {
	if !s.take('{') {
		return false
	}
	if s.take('}') {
		return true
	}
	for {
		s.space()
		name, ok := s.str()
		if !ok || !ordinary(name) || !s.take(':') {
			return false
		}
		value, ok := s.value()
		if !ok || !field(name[1:len(name)-1], value) {
			return false
		}
		if s.take('}') {
			return true
		}
		if !s.take(',') {
			return false
		}
	}
}

// ordinary tells a name that encoding/json reads as it stands.
func ordinary(name []byte) bool {
	for _, b := range name {
		if b >= 'A' && b <= 'Z' || b >= 0x80 || b < 0x20 || b == '\\' {
			return false
		}
	}
	return true
}

// str passes over a string and gives it with its quotes.
func (s *scanner) str() ([]byte, bool) {
	if s.at >= len(s.data) || s.data[s.at] != '"' {
		return nil, false
	}
	for i := s.at + 1; i < len(s.data); i++ {
		switch s.data[i] {
		case '\\':
			i++
		case '"':
			text := s.data[s.at : i+1]
			s.at = i + 1
			return text, true
		}
	}
	return nil, false
}

// value passes over any value. Of an object or a list only the brackets and strings are looked at.
func (s *scanner) value() ([]byte, bool) {
	s.space()
	start, depth := s.at, 0
	for s.at < len(s.data) {
		switch s.data[s.at] {
		case '"':
			if _, ok := s.str(); !ok {
				return nil, false
			}
		case '{', '[':
			depth++
			s.at++
		case '}', ']':
			depth--
			s.at++
		default:
			s.scalar()
		}
		if depth < 0 {
			return nil, false
		}
		if depth == 0 {
			return s.data[start:s.at], s.at > start
		}
	}
	return nil, false
}

// scalar passes over a number or a word, and over a comma or a colon inside brackets.
func (s *scanner) scalar() {
	for start := s.at; s.at < len(s.data); s.at++ {
		switch s.data[s.at] {
		case ',', ':', ' ', '\t', '\n', '\r':
			if s.at > start {
				return
			}
		case '"', '{', '[', '}', ']':
			return
		}
	}
}
