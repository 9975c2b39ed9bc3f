package web

import (
	"net/http"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// forbidden is the answer to who may not, in the words of package access.
func forbidden(err error) error { return schemas.NewProblem(http.StatusForbidden, err.Error()) }

// allowAll asks for every target and gives the first refusal.
func allowAll(p access.Principal, a access.Action, list []access.Target) error {
	for _, t := range list {
		if err := access.Allow(p, a, t); err != nil {
			return err
		}
	}
	return nil
}

func badParameter(name, value, message string) error {
	return schemas.NewProblem(http.StatusUnprocessableEntity, name+" "+message, schemas.ProblemDetail{Location: "query." + name, Message: message, Value: value})
}
