package adherence_test

import (
	"strings"
	"testing"

	"rollcall/adherence"
	"rollcall/schemas"
)

func TestASectionOfTheRulesEndsWhereTheNextBegins(t *testing.T) {
	for number, parts := range map[string][3]string{
		"5":   {"## 5. Judging\n", "### Outside the schedule", "## 6."},
		"5.4": {"### 5.4 Matches\n", "credit_contact", "### 5.5"},
		"5.8": {"### 5.8 Exceptions\n", "`wrong_status`", "### Outside the schedule"},
		"13":  {"## 13. The worked day\n", "88.89 %", "## 1. "},
	} {
		text, err := adherence.RulesSection(number)
		if err != nil || !strings.HasPrefix(text, parts[0]) || !strings.Contains(text, parts[1]) ||
			strings.Contains(text, parts[2]) {
			t.Errorf("section %s (%v) is\n%s", number, err, text)
		}
	}
	if _, err := adherence.RulesSection("5.9"); err == nil || !strings.Contains(err.Error(), "5.7, 5.8, 6") {
		t.Errorf("a section that does not exist: %v", err)
	}
}

// The page names every policy key and every value that the program reads, so that it cannot fall behind.
func TestTheRulesNameEveryPolicyKey(t *testing.T) {
	text, err := adherence.RulesSection("11")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range policyKeys(t) {
		if !strings.Contains(text, "| `"+key+"` |") {
			t.Errorf("section 11 does not name %s", key)
		}
	}
}

// policyKeys are the keys of the canonical document of a policy, which has them all.
func policyKeys(t *testing.T) (keys []string) {
	t.Helper()
	data, err := schemas.DefaultPolicy().MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := schemas.ParseDocument(data)
	if err != nil {
		t.Fatal(err)
	}
	return doc.Keys
}
