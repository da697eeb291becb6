package bots

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
)

const (
	// sealed begins what is sealed, so that it is told from everything else.
	sealed = "sealed:"
	// maxSealed is the longest text that is sealed, in bytes: the platforms' addresses and tokens are below 400.
	maxSealed = 2048
)

// Sealer seals what is a secret while it lasts and must be stored meanwhile, because the turn that needs it may run in
// another process, or after a restart, than the one that took it in: whoever reads the database alone gets nothing by it. Its
// key comes from a platform's token, so that every process of this bot has it; a new token ends it.
type Sealer struct{ box cipher.AEAD }

// NewSealer derives the key: HKDF (RFC 5869) with SHA-256 of the token. purpose names what is sealed: what one purpose
// sealed, another does not open.
func NewSealer(token, purpose string) (*Sealer, error) {
	key, err := hkdf.Key(sha256.New, []byte(token), nil, purpose, 32)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	box, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	return &Sealer{box: box}, nil
}

// Seal makes text of a secret that only Open reads; "" of one longer than 2,048 bytes.
func (s *Sealer) Seal(secret string) string {
	if len(secret) > maxSealed {
		return ""
	}
	return sealed + base64.RawURLEncoding.EncodeToString(s.box.Seal(nil, nil, []byte(secret), nil))
}

// Open gives what was sealed; ok is false for anything else, and for what another token or purpose sealed.
func (s *Sealer) Open(text string) (secret string, ok bool) {
	text, ok = strings.CutPrefix(text, sealed)
	if !ok {
		return "", false
	}
	box, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return "", false
	}
	plain, err := s.box.Open(nil, nil, box, nil)
	return string(plain), err == nil
}
