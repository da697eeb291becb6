package discord

import (
	"fmt"

	"parley/bots"
)

// sealers seal what is stored and would open something to whoever reads the database.
type sealers struct {
	// addresses are signed addresses of files that were given with a command. Such a file stands in no message, so that
	// Discord cannot be asked for it again.
	addresses *bots.Sealer
	// handles are the tokens of interactions: whoever has one writes in the bot's name while it lasts
	// (discord.com/developers/docs/interactions/receiving-and-responding#followup-messages).
	handles *bots.Sealer
}

// newSealers derives a key for each from the bot's token.
func newSealers(token string) (sealers, error) {
	addresses, err := bots.NewSealer(token, "parley discord file address")
	if err != nil {
		return sealers{}, fmt.Errorf("seal file addresses: %w", err)
	}
	handles, err := bots.NewSealer(token, "parley discord interaction token")
	if err != nil {
		return sealers{}, fmt.Errorf("seal interaction tokens: %w", err)
	}
	return sealers{addresses: addresses, handles: handles}, nil
}

// seal makes a locator of an address that is signed.
func (a *Adapter) seal(address string) string { return a.sealers.addresses.Seal(address) }

// unseal gives the address of a sealed locator; ok is false for any other.
func (a *Adapter) unseal(locator string) (address string, ok bool) {
	return a.sealers.addresses.Open(locator)
}
