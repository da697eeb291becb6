package discord

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
)

// sealed begins a locator that holds a signed address which nobody but a process with the bot's token can read. A file
// that is given with a command stands in no message, so Discord cannot be asked for it again, and the turn may run in
// another process, or after a restart, than the one that took the command in.
const sealed = "sealed:"

// maxSealed is the longest address that is sealed, in bytes; Discord's are below 400.
const maxSealed = 2048

// newSealer makes the cipher. The key is of no use for anything else, and a new token ends it.
func newSealer(token string) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(token), nil, "parley discord file address", 32)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// seal makes a locator of an address.
func (a *Adapter) seal(address string) string {
	if len(address) > maxSealed {
		return ""
	}
	return sealed + base64.RawURLEncoding.EncodeToString(a.sealer.Seal(nil, nil, []byte(address), nil))
}

// unseal gives the address of a sealed locator; ok is false for any other, and for one that another token sealed.
func (a *Adapter) unseal(locator string) (address string, ok bool) {
	text, ok := strings.CutPrefix(locator, sealed)
	if !ok {
		return "", false
	}
	box, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return "", false
	}
	plain, err := a.sealer.Open(nil, nil, box, nil)
	return string(plain), err == nil
}
