package slack

// SealHandle makes a handle of a response_url.
func (a *Adapter) SealHandle(address string) string { return a.handles.Seal(address) }

// OpenHandle is the way back; "" where it is none.
func (a *Adapter) OpenHandle(handle string) string {
	opened, _ := a.handles.Open(handle)
	return opened
}
