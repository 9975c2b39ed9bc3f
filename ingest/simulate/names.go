package simulate

import "strings"

// The invented people. A name that ASCII cannot write carries its plain spelling after a bar, for the mail address.
var givenNames = []string{
	"Ana", "Kwame", "Yuki", "Priya", "Liam", "Fatima", "Zoë|Zoe", "Mateo", "Aisha", "Ravi", "Chloe", "Tariq", "Ingrid",
	"Kofi", "Mei", "Diego", "Leila", "Sean", "Amara", "Hiroshi", "Noor", "Pavel", "Siobhan", "Thabo", "Elena", "Omar",
	"Freya", "Jamal", "Anjali", "Björn|Bjorn", "Wanjiru", "Luca", "Soraya", "Tomás|Tomas", "Grace", "Emeka", "Hana",
	"Viktor", "Imani", "Rosa", "Arjun", "Maëlle|Maelle", "Sipho", "Ines", "Kenji", "Olga", "Malik", "Nia", "Jonas", "Thuy",
	"Farid", "Celeste", "Andrei", "Lindiwe", "Marek", "Salma", "Pedro", "Astrid", "Dayo", "Keiko", "Ruth", "Samir",
	"Eun-ji", "Tane",
}

var familyNames = []string{
	"Ortiz", "Mensah", "Tanaka", "Sharma", "Murphy", "Haddad", "Lindqvist", "Rojas", "Bello", "Nair", "Dubois", "Rahman",
	"Hansen", "Owusu", "Chen", "Fernández|Fernandez", "Karimi", "O'Brien|OBrien", "Okafor", "Sato", "Aziz", "Novák|Novak",
	"Gallagher", "Mokoena", "Popescu", "Farouk", "Larsen", "Baptiste", "Iyer", "Karlsson", "Kamau", "Moretti", "Nazari",
	"García|Garcia", "Adeyemi", "Eze", "Kim", "Petrov", "Njoroge", "Silva", "Patel", "Lefèvre|Lefevre", "Dlamini", "Costa",
	"Ito", "Kuznetsova", "Hassan", "Campbell", "Weber", "Nguyễn|Nguyen", "Rostami", "Moreau", "Ionescu", "Zulu",
	"Kowalski", "Amrani", "Almeida", "Berg", "Afolabi", "Mori", "Levi", "Mansour", "Park", "Ngata",
}

// person invents a name and the part of a mail address before the @.
func person(c *chance) (name, mail string) {
	given, givenPlain := spelled(pick(c, givenNames))
	family, familyPlain := spelled(pick(c, familyNames))
	return given + " " + family, strings.ToLower(givenPlain + "." + familyPlain)
}

func spelled(s string) (name, plain string) {
	name, plain, different := strings.Cut(s, "|")
	if !different {
		plain = name
	}
	return name, plain
}

// site is a place with its zone.
type site struct{ name, zone string }

// The sites. The first three have different clock-change nights; one has no clock change and one is half an hour off.
var sites = []site{{"Leeds", "Europe/London"}, {"Halifax", "America/Halifax"}, {"Adelaide", "Australia/Adelaide"},
	{"Pune", "Asia/Kolkata"}, {"Leipzig", "Europe/Berlin"}, {"Phoenix", "America/Phoenix"}}

// teamKinds name what a team does; a second team of a kind at a site gets a number.
var teamKinds = []string{"Billing", "Sales", "Technical support", "Retention", "Bookings", "Claims", "Onboarding",
	"Deliveries"}
