package discord

// SealHandle makes a handle of an application and the token of an interaction.
func (a *Adapter) SealHandle(handle string) string { return a.sealers.handles.Seal(handle) }

// OpenHandle is the way back; "" where it is none.
func (a *Adapter) OpenHandle(handle string) string {
	opened, _ := a.sealers.handles.Open(handle)
	return opened
}
