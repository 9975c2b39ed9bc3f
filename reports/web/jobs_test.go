package web_test

import (
	"net/http"
	"strings"
	"testing"

	"rollcall/schemas"
)

func TestAnAdminSeesAndRunsJobs(t *testing.T) {
	h := newHouse(t, config())
	status, _, body := h.ask(t, "admin", http.MethodGet, "/api/v1/jobs", "")
	if status != 200 || !strings.Contains(body, `"name":"compute","cron":"*/5 * * * *","time_zone":"UTC"`) ||
		!strings.Contains(body, `"overdue_since":null`) {
		t.Errorf("the list is %d %s", status, body)
	}
	status, _, body = h.ask(t, "admin", http.MethodGet, "/api/v1/jobs/compute/runs?limit=5", "")
	if status != 200 || !strings.Contains(body, `"outcome":"failed"`) {
		t.Errorf("the runs are %d %s", status, body)
	}
	if status, _, body = h.ask(t, "admin", http.MethodPost, "/api/v1/jobs/compute/run",
		""); status != http.StatusAccepted {
		t.Errorf("asking for a run gives %d %s", status, body)
	}
	if len(h.backroom.ran) != 1 || !strings.Contains(h.backroom.details(), "job compute asked for") {
		t.Errorf("ran %v, journal %s", h.backroom.ran, h.backroom.details())
	}
	if status, _, body = h.ask(t, "admin", http.MethodPost, "/api/v1/jobs/compote/run", ""); status != 404 ||
		!strings.Contains(body, `did you mean \"compute\"?`) {
		t.Errorf("a job that is not there gives %d %s", status, body)
	}
}

// What an admin has to know of is on every page of the administration, and readiness says how much there is.
func TestAlarmsAreShownToAdmins(t *testing.T) {
	h := newHouse(t, config(), func(h *house) error {
		h.alarms = []schemas.Alarm{{Kind: "job", Subject: "compute", Text: "job compute <b> is late", Since: morning}}
		return nil
	})
	for _, page := range []string{"/admin/users", "/admin/jobs"} {
		if _, body := h.get(t, h.browser(t, "admin"), page); !strings.Contains(body, "job compute &lt;b&gt; is late") {
			t.Errorf("%s does not tell of the alarm", page)
		}
	}
	if status, _, body := h.ask(t, "", http.MethodGet, "/readyz", ""); status != 200 ||
		!strings.Contains(body, "alarms: 1") || strings.Contains(body, "compute") {
		t.Errorf("/readyz is %d %s", status, body)
	}
}
