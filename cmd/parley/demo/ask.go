package demo

import (
	"net/http"
)

// giveCommand gives the slash command that a person typed; files go with it where the platform takes them.
func (d *Demo) giveCommand(w http.ResponseWriter, r *http.Request) {
	s, ok := d.form(w, r)
	if !ok {
		return
	}
	defer forget(r)
	files, err := uploads(r.MultipartForm)
	if err != nil {
		answerError(w, http.StatusBadRequest, err.Error())
		return
	}
	err = s.command(r.Context(), draft{
		person: r.FormValue("person"), channel: r.FormValue("channel"), thread: r.FormValue("thread"), text: r.FormValue("text"), files: files,
	})
	d.answer(w, http.StatusAccepted, struct{}{}, err)
}

// chooseCommand picks something from a message's menu.
func (d *Demo) chooseCommand(w http.ResponseWriter, r *http.Request) {
	d.act(w, r, func(s side, m messageRef) error { return s.choose(r.Context(), m, r.FormValue("command")) })
}

func (d *Demo) pressButton(w http.ResponseWriter, r *http.Request) {
	d.act(w, r, func(s side, m messageRef) error { return s.press(r.Context(), m, r.FormValue("button")) })
}

func (d *Demo) pressStop(w http.ResponseWriter, r *http.Request) {
	d.act(w, r, func(s side, m messageRef) error { return s.stop(m) })
}

func (d *Demo) act(w http.ResponseWriter, r *http.Request, do func(side, messageRef) error) {
	s, ok := d.form(w, r)
	if !ok {
		return
	}
	defer forget(r)
	d.answer(w, http.StatusAccepted, struct{}{}, do(s, reference(r)))
}
