package web

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"rollcall/schemas"
	"rollcall/schemas/access"
)

// tooMany answers a request that has to wait, and says whether it did.
func (s *Server) tooMany(w http.ResponseWriter, r *http.Request, wait time.Duration) bool {
	if wait <= 0 {
		return false
	}
	seconds := int64((wait + time.Second - 1) / time.Second)
	w.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
	s.Problem(w, r, schemas.NewProblem(http.StatusTooManyRequests,
		fmt.Sprintf("too many requests; try again in %d s", seconds)))
	return true
}

// overAddress limits the requests of one client address, before anything is looked up.
func (s *Server) overAddress(w http.ResponseWriter, r *http.Request) bool {
	return s.tooMany(w, r, s.rates.Address(infoOf(r.Context()).address, schemas.InstantOf(s.deps.Now())))
}

// overCredential limits the requests of one token or user.
func (s *Server) overCredential(w http.ResponseWriter, r *http.Request, p access.Principal) bool {
	return !p.Nobody() && s.tooMany(w, r, s.rates.Credential(p, schemas.InstantOf(s.deps.Now())))
}
