package web

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/alexedwards/scs/v2"

	"rollcall/schemas"
	"rollcall/schemas/access"
)

// principalKey is the context key of the request's principal.
type principalKey struct{}

// PrincipalOf returns who makes the request, for handlers behind Mount; nobody where a public route was asked for.
func PrincipalOf(ctx context.Context) access.Principal {
	p, _ := ctx.Value(principalKey{}).(access.Principal)
	return p
}

// The keys of a session.
const (
	sessionUser  = "user"
	sessionEpoch = "epoch"
)

// newSessions returns the session manager: a cookie that scripts cannot read and that other sites' forms do not send.
func newSessions(c *Config, store scs.Store,
	failed func(http.ResponseWriter, *http.Request, error)) *scs.SessionManager {
	// Not scs.New: it starts a clean-up of a store that is not used, which cannot be stopped reliably.
	m := &scs.SessionManager{
		Store:            store,
		Lifetime:         c.SessionLife,
		HashTokenInStore: true,
		Codec:            scs.GobCodec{},
		ErrorFunc:        failed,
		Cookie: scs.SessionCookie{Name: "rollcall_session", Path: "/", HttpOnly: true,
			SameSite: http.SameSiteLaxMode, Persist: true},
	}
	if c.secure() {
		m.Cookie.Name, m.Cookie.Secure = "__Host-rollcall_session", true
	}
	return m
}

// principal finds who makes the request. A token goes before a session, and a bad one is never overlooked. Public
// routes look at neither.
func (s *Server) principal(r *http.Request, route *Route) (access.Principal, error) {
	if route.Action == access.ActionPublic {
		return access.Principal{}, nil
	}
	p, err := s.credential(r)
	if err == nil && p.Nobody() && route.Local && s.local(r) {
		p = access.Operator("this machine")
	}
	p.Origin = infoOf(r.Context()).address
	return p, err
}

// credential reads the token or the session.
func (s *Server) credential(r *http.Request) (access.Principal, error) {
	if h := r.Header.Get("Authorization"); h != "" {
		scheme, token, _ := strings.Cut(h, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return access.Principal{}, access.ErrUnknownToken
		}
		return s.deps.Access.Token(strings.TrimSpace(token))
	}
	session := access.Session{UserID: s.sessions.GetString(r.Context(), sessionUser),
		Epoch: schemas.Instant(s.sessions.GetInt64(r.Context(), sessionEpoch))}
	if session.UserID == "" {
		return access.Principal{}, nil
	}
	p, ok := s.deps.Access.Resume(session)
	if !ok {
		return access.Principal{}, nil
	}
	return p, nil
}

// local says whether the request comes straight from this machine: the server listens on loopback only, knows no proxy,
// and nothing says that one was in between.
func (s *Server) local(r *http.Request) bool {
	if len(s.config.TrustedProxies) > 0 || s.config.secure() || s.config.exposed() {
		return false
	}
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"} {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	peer := peerOf(r)
	return peer.IsValid() && peer.IsLoopback()
}

// peerOf returns the address at the other end of the connection.
func peerOf(r *http.Request) netip.Addr {
	p, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return p.Addr().Unmap()
}

// clientOf returns the address of the client: the peer, or, behind trusted proxies, the last address of X-Forwarded-For
// that is none of them.
func (s *Server) clientOf(r *http.Request) netip.Addr {
	client := peerOf(r)
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.config.trusts(client); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		client = hop.Unmap()
	}
	return client
}

// signInPath returns the sign-in page that leads back to the page asked for.
func signInPath(r *http.Request) string {
	if r.URL.Path == "/" && r.URL.RawQuery == "" {
		return "/login"
	}
	return "/login?next=" + url.QueryEscape(r.URL.RequestURI())
}

// Still says whether the credential of a request that has no end is still good for the action: a revoked token, a
// disabled account and a sign-out end it.
func (s *Server) Still(r *http.Request, action access.Action) bool {
	if r.Header.Get("Authorization") == "" {
		cookie, err := r.Cookie(s.sessions.Cookie.Name)
		if err != nil {
			return false
		}
		ctx, err := s.sessions.Load(context.Background(), cookie.Value)
		if err != nil {
			return false
		}
		r = r.WithContext(ctx)
	}
	p, err := s.credential(r)
	return err == nil && access.Allow(p, action, access.Somewhere()) == nil
}
