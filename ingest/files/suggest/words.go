package suggest

import (
	"slices"
	"strings"
	"unicode"

	"rollcall/ingest/files/profile"
	"rollcall/schemas"
)

// letters are the letters and digits of a text, in lower case.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// What columns are called in planning tools, by what they hold; in letters only. A name that is one of them is better
// than one that only holds one.
var fieldWords = map[string][]string{
	"agent": {"agentid", "employeeid", "userid", "agentlogin", "login", "loginid", "username", "user", "staffid", "agent",
		"agentname", "employee", "employeename", "name", "fullname", "staff", "staffname", "worker", "member", "teammember",
		"email", "emailaddress", "useremail", "agentemail", "mail", "mitarbeiter", "mitarbeiterin", "personal",
		"personalnummer", "personalnr", "kollege", "nombre", "empleado", "agente", "nom", "salarie", "conseiller",
		"dipendente", "operatore", "medewerker", "pracownik", "konsultant", "colaborador", "who"},
	"first": {"firstname", "agentfirstname", "givenname", "vorname", "nombre", "prenom", "nome", "voornaam", "imie"},
	"last": {"lastname", "agentlastname", "surname", "familyname", "nachname", "apellido", "apellidos", "cognome",
		"achternaam", "nazwisko"},
	"date": {"date", "day", "shiftdate", "workdate", "scheduledate", "activitydate", "datum", "tag", "fecha", "dia",
		"jour",
		"giorno", "data", "dzien", "dag", "excdate"},
	"start": {"start", "starttime", "shiftstart", "startdatetime", "starts", "begin", "begintime", "begins", "from",
		"timefrom", "in", "timein", "clockin", "punchin", "login", "logintime", "logindatetime", "logindate", "signin",
		"beginn", "von", "anfang", "inicio", "entrada", "desde", "debut", "inizio", "dalle", "van", "od", "statestart",
		"statusstart", "activitystart", "statetransitiontime", "transitiontime", "timestamp", "eventtime", "changedat",
		"datetime", "time", "startdate", "started", "startedat", "since",
		"kommt"},
	"end": {"end", "endtime", "shiftend", "enddatetime", "ends", "stop", "stoptime", "finish", "finishtime", "to",
		"timeto",
		"until", "out", "timeout", "clockout", "punchout", "logout", "logouttime", "logoutdatetime", "logoutdate", "signout",
		"bis", "ende", "fin", "salida", "hasta", "fine", "alle", "tot", "do", "stateend", "statusend", "activityend",
		"enddate", "ended", "endedat", "geht"},
	"length": {"duration", "length", "hours", "minutes", "lengthminutes", "shiftlength", "statusduration", "stateduration",
		"timeinstate", "timeinstatus", "scheduledhours", "totalhours", "lasts", "dauer", "stunden", "std", "duracion",
		"horas", "duree", "durata", "duur", "durationseconds", "durationinseconds", "seconds", "durations", "durationsec",
		"durationminutes", "elapsed", "elapsedtime"},
	"activity": {"activity", "activityname", "activitycode", "activitytype", "task", "code", "shiftactivity", "taetigkeit",
		"aktivitaet", "aktivität", "tätigkeit", "actividad",
		"activite", "activité", //nolint:misspell // French
		"attivita", "type", "skill", "what",
		"work"},
	"cell": {"shift", "shiftname", "shiftcode", "shifttime", "shifttimes", "hours", "worktime", "schedule", "schicht",
		"dienst", "turno", "poste", "horaire", "arbeitszeit", "zeit", "zeiten", "times", "rota"},
	"state": {"state", "status", "agentstate", "agentstatus", "statename", "statusname", "statuslabel", "userstatus",
		"presence", "aux", "auxstate", "zustand", "estado", "statut", "stato", "currentstate", "currentstatus"},
	"reason": {"reason", "reasoncode", "reasonname", "auxcode", "auxreason", "auxname", "outstate", "outstatename",
		"outstatecode", "unavailablecode", "substatus", "substatusname", "secondarystatus", "notreadyreason", "grund"},
	"time_zone":   {"timezone", "tz", "zone", "employeetimezone", "agenttimezone", "zeitzone", "zonahoraria", "fuseau"},
	"shift":       {"shiftid", "shiftnumber", "schedid", "scheduleid", "scheddate"},
	"description": {"comment", "comments", "note", "notes", "description", "remark", "remarks", "kommentar", "bemerkung"},
	"weekday":     {"weekday", "weekdays", "day", "days", "dayofweek", "daysofweek", "wochentag", "tag", "tage", "dias"},
	"since": {"validfrom", "effectivefrom", "effective", "effectivedate", "startdate", "from", "since", "gueltigab",
		"gültigab", "ab", "datefrom", "fromdate"},
	"till": {"validto", "validuntil", "effectiveto", "enddate", "until", "to", "till", "gueltigbis", "gültigbis", "bis",
		"dateto", "todate", "expires"},
}

// wordScore is how well a name fits what a column of the field is called: 1 for one of its words, less for a name that
// holds one, 0 for neither.
func wordScore(field, name string) float64 {
	folded := letters(name)
	list := fieldWords[field]
	if slices.Contains(list, folded) {
		return 1
	}
	for _, part := range strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		if slices.Contains(list, part) {
			return 0.6
		}
	}
	for _, w := range list {
		if len(w) > 4 && strings.Contains(folded, w) {
			return 0.4
		}
	}
	return 0
}

// knownWord says that a text is what some column is called.
func knownWord(text string) bool {
	for field := range fieldWords {
		if wordScore(field, text) >= 0.6 {
			return true
		}
	}
	return false
}

// Words with which a row of totals, or a note below a table, begins.
var totalWords = []string{"total", "totals", "grand total", "subtotal", "sum", "summe", "gesamt", "insgesamt", "totale",
	"totaal", "suma", "razem", "generated", "exported", "printed", "report", "created", "page", "legend", "legende",
	"legenda", "leyenda", "erstellt", "gedruckt", "stand", "note", "notes", "end of report", "count", "headcount"}

func isTotal(text string) bool {
	return slices.ContainsFunc(totalWords, func(w string) bool { return profile.BeginsWith(text, w) })
}

// Words that mean free time, in letters only; a text without letters, such as -, does too.
var freeWords = []string{"off", "rd", "do", "ro", "rdo", "x", "free", "frei", "rest", "restday", "dayoff",
	"notscheduled",
	"ns", "none", "na", "libre", "repos", "riposo", "vrij", "wolne", "fri", "folga"}

func isFree(text string) bool {
	folded := letters(text)
	return folded == "" || slices.Contains(freeWords, folded)
}

// categoryWords are what activities are called, by category, in letters only. What holds one of them is one.
var categoryWords = []struct {
	category schemas.Category
	whole    []string
	holds    []string
}{
	{schemas.CategoryTimeOff, []string{"al", "u", "pto", "vac", "hol", "ur", "lv", "bh"},
		[]string{"annualleave", "leave", "vacation", "holiday", "timeoff", "urlaub", "vacaciones", "conge", "congé", "ferie",
			"verlof", "urlop", "dayoff", "feiertag"}},
	{schemas.CategoryUnavailable, []string{"s", "k", "sl", "kr"}, []string{"sick", "ill", "krank", "absent", "enfermo",
		"baja", "malad", "malatt", "ziek", "chory", "noshow"}},
	{schemas.CategoryMeal, []string{"l", "m", "mp"}, []string{"lunch", "meal", "dinner", "mittag", "comida", "almuerzo",
		"dejeuner", "déjeuner", "pranzo"}},
	{schemas.CategoryBreak, []string{"b", "br", "p", "brk"}, []string{"break", "pause", "rest", "coffee", "descanso",
		"pausa", "pauze", "przerwa"}},
	{schemas.CategoryTraining, []string{"t", "tr", "trn"}, []string{"training", "learning", "schulung", "course",
		"formacion", "formation", "onboarding", "nesting"}},
	{schemas.CategoryMeeting, []string{"mtg"}, []string{"meeting", "huddle", "coaching", "onetoone", "11", "besprechung",
		"teamtime", "reunion", "réunion", "briefing"}},
	{schemas.CategoryOffQueueWork, []string{"bo", "adm"}, []string{"backoffice", "admin", "project", "offline", "offphone",
		"email", "offqueue", "projekt"}},
	{schemas.CategoryOnQueueWork, []string{"ph", "oq"}, []string{"phone", "open", "onqueue", "queue", "inbound", "calls",
		"work", "available", "shift", "telefon", "chat", "regular", "normal", "full", "dienst", "agent"}},
}

// categoryOf guesses what an activity is; CategoryNone where its name says nothing.
func categoryOf(text string) schemas.Category {
	folded := letters(text)
	for _, c := range categoryWords {
		if slices.Contains(c.whole, folded) {
			return c.category
		}
	}
	for _, c := range categoryWords {
		if slices.ContainsFunc(c.holds, func(w string) bool { return strings.Contains(folded, w) }) {
			return c.category
		}
	}
	return schemas.CategoryNone
}

// state is a state that a text may stand for, and what it is called among the choices.
type state struct {
	name     string
	label    string
	presence schemas.Presence
	status   schemas.Status
	// holds are what texts of it hold, in letters only; whole what they are.
	holds, whole []string
}

// states are tried in this order: a text that is not ready is not one that is ready.
var states = []state{
	{"offline", "offline", schemas.PresenceOffline, schemas.StatusOffQueue,
		[]string{"logout", "loggedout", "logoff", "loggedoff", "offline", "signout", "signedout", "disconnect", "outofshift",
			"abgemeldet", "endofshift"}, nil},
	{"meal", "meal", schemas.PresenceAway, schemas.StatusMeal,
		[]string{"lunch", "meal", "dinner", "mittag", "comida", "almuerzo", "dejeuner", "pranzo"}, nil},
	{"break", "break", schemas.PresenceAway, schemas.StatusBreak,
		[]string{"break", "pause", "coffee", "restroom", "comfort", "personal", "descanso", "pausa", "rest", "bio"}, nil},
	{"training", "training", schemas.PresenceBusy, schemas.StatusTraining,
		[]string{"training", "learning", "schulung", "formacion"}, nil},
	{"meeting", "meeting", schemas.PresenceBusy, schemas.StatusMeeting,
		[]string{"meeting", "huddle", "coaching", "onetoone", "besprechung", "reunion", "briefing"}, nil},
	{"logged_in", "logged in, taking nothing", schemas.PresenceAvailable, schemas.StatusOffQueue, nil,
		[]string{"login", "loggedin", "logon", "signin", "signedin", "angemeldet"}},
	{"busy", "busy with something else", schemas.PresenceBusy, schemas.StatusOffQueue,
		[]string{"notready", "unavailable", "offhook", "donotdisturb", "backoffice", "admin", "project",
			"technical", "system", "nichtbereit"}, []string{"busy", "aux", "dnd", "other", "email", "offqueue"}},
	{"available", "available for interactions, or in one", schemas.PresenceAvailable, schemas.StatusAvailable,
		[]string{"ready", "available", "oncall", "onacall", "incall", "talk", "aftercall", "aftercontact", "acw", "wrapup",
			"wrap", "incontact", "oncontact", "contact", "reserved",
			"inbound", "outbound", "hold", "ring", "waiting", "onqueue", "interacting", "handling",
			"verfuegbar", "verfügbar", "bereit", "disponible"}, []string{"idle", "online", "work", "working", "acd", "active"}},
	{"away", "away", schemas.PresenceAway, schemas.StatusOffQueue, []string{"away", "inactive", "absent"}, nil},
}

// unknownState is what a text stands for of which nobody says what it is.
const unknownState = "unknown"

// stateOf guesses which state a text stands for; unknown where it says nothing.
func stateOf(text string) string {
	folded := letters(text)
	for _, s := range states {
		if slices.Contains(s.whole, strings.TrimRight(folded, "0123456789")) {
			return s.name
		}
	}
	for _, s := range states {
		if slices.ContainsFunc(s.holds, func(w string) bool { return strings.Contains(folded, w) }) {
			return s.name
		}
	}
	return unknownState
}

// stateOptions are the states among which may be chosen.
func stateOptions() []Option {
	out := []Option{}
	for _, s := range states {
		out = append(out, Option{s.name, s.label})
	}
	return append(out, Option{unknownState, "unknown"})
}

// stateNamed returns presence and status of a choice.
func stateNamed(name string) (presence, status string) {
	for _, s := range states {
		if s.name == name {
			return s.presence.String(), s.status.String()
		}
	}
	return unknownState, unknownState
}
