package schemas

import (
	_ "embed"
	"strings"
)

//go:embed zones.txt
var zoneNames string

// ZoneNames lists the IANA zones that are places, and UTC, for suggestions; LoadZone knows more names than these.
func ZoneNames() []string { return strings.Fields(zoneNames) }
