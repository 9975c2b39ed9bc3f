package web

import (
	"net/http"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Forbidden is the answer to who may not, in the words of package access.
func Forbidden(err error) error { return schemas.NewProblem(http.StatusForbidden, err.Error()) }

// AllowAll asks for every target and gives the first refusal.
func AllowAll(p access.Principal, a access.Action, list []access.Target) error {
	for _, t := range list {
		if err := access.Allow(p, a, t); err != nil {
			return err
		}
	}
	return nil
}

func BadParameter(name, value, message string) error {
	return schemas.NewProblem(http.StatusUnprocessableEntity, name+" "+message, schemas.ProblemDetail{Location: "query." + name, Message: message, Value: value})
}
