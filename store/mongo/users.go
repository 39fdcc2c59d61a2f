package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/jetonauth/jeton"
)

// userDocument is how a user is stored.
type userDocument struct {
	ID       string `bson:"_id"`
	Email    string `bson:"email"`
	EmailKey string `bson:"email_key"`
	// EmailUnique is what is unique about EmailKey: see emailUnique.
	EmailUnique       string    `bson:"email_unique"`
	Name              string    `bson:"name"`
	PasswordHash      string    `bson:"password_hash"`
	PasswordChangedAt time.Time `bson:"password_changed_at"`
	Roles             []string  `bson:"roles"`
	Disabled          bool      `bson:"disabled"`
	CreatedAt         time.Time `bson:"created_at"`
	UpdatedAt         time.Time `bson:"updated_at"`
}

// emailUnique is what a unique index is over: the address, or the id of a user that has none, of whom there may be many.
func emailUnique(id, emailKey string) string {
	if emailKey == "" {
		return "none:" + id
	}
	return "is:" + emailKey
}

func (d userDocument) user() (*jeton.User, error) {
	return &jeton.User{
		ID: d.ID, Email: d.Email, EmailKey: d.EmailKey, Name: d.Name, PasswordHash: d.PasswordHash,
		PasswordChangedAt: d.PasswordChangedAt, Roles: d.Roles, Disabled: d.Disabled, CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt,
	}, nil
}

// CreateUser adds a user. An EmailKey that another one has is [jeton.ErrEmailTaken], an ID [jeton.ErrConflict].
func (s *Store) CreateUser(ctx context.Context, u *jeton.User) error {
	_, err := s.users.InsertOne(ctx, userDocument{
		ID: u.ID, Email: u.Email, EmailKey: u.EmailKey, EmailUnique: emailUnique(u.ID, u.EmailKey), Name: u.Name,
		PasswordHash: u.PasswordHash, PasswordChangedAt: u.PasswordChangedAt, Roles: u.Roles, Disabled: u.Disabled,
		CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt,
	})
	if mongo.IsDuplicateKeyError(err) && u.EmailKey != "" {
		if _, noID := first[userDocument](ctx, s.users, bson.M{"_id": u.ID}); errors.Is(noID, mongo.ErrNoDocuments) {
			err = fmt.Errorf("%w: %w", jeton.ErrEmailTaken, err)
			return fmt.Errorf("mongo: create user: %w", err)
		}
	}
	return translate(ctx, "create user", err)
}

// UserByID returns a user or [jeton.ErrNotFound].
func (s *Store) UserByID(ctx context.Context, id string) (*jeton.User, error) {
	u, err := s.user(ctx, bson.M{"_id": id})
	return u, translate(ctx, "user by id", err)
}

// UserByEmail returns the user with this EmailKey or [jeton.ErrNotFound]. The empty key is nobody's.
func (s *Store) UserByEmail(ctx context.Context, emailKey string) (*jeton.User, error) {
	u, err := s.user(ctx, bson.M{"email_unique": "is:" + emailKey})
	return u, translate(ctx, "user by e-mail", err)
}

func (s *Store) user(ctx context.Context, filter bson.M) (*jeton.User, error) {
	document, err := first[userDocument](ctx, s.users, filter)
	if err != nil {
		return nil, err
	}
	return document.user()
}

// ListUsers returns at most limit users by their ids, from the first id after the given one on.
func (s *Store) ListUsers(ctx context.Context, after string, limit int) ([]*jeton.User, error) {
	if limit <= 0 {
		return nil, translate(ctx, "list users", ctx.Err())
	}
	documents, err := collect[userDocument](ctx, s.users, bson.M{"_id": bson.M{"$gt": after}},
		options.Find().SetSort(ascending("_id")).SetLimit(int64(limit)))
	if err != nil {
		return nil, translate(ctx, "list users", err)
	}
	return convert(documents, userDocument.user)
}

// UpdateUser sets fields and returns the user as it is then, or [jeton.ErrNotFound] or [jeton.ErrEmailTaken].
func (s *Store) UpdateUser(ctx context.Context, id string, change jeton.UserChange) (*jeton.User, error) {
	fields := bson.M{"updated_at": change.UpdatedAt}
	set(fields, "name", change.Name)
	set(fields, "email", change.Email)
	set(fields, "roles", change.Roles)
	set(fields, "disabled", change.Disabled)
	if change.EmailKey != nil {
		fields["email_key"], fields["email_unique"] = *change.EmailKey, emailUnique(id, *change.EmailKey)
	}
	var document userDocument
	err := s.users.FindOneAndUpdate(ctx, bson.M{"_id": id}, bson.M{"$set": fields},
		options.FindOneAndUpdate().SetReturnDocument(options.After)).Decode(&document)
	if err == nil {
		return document.user()
	}
	if change.EmailKey != nil && s.belongsToAnother(ctx, *change.EmailKey, id, err) {
		return nil, fmt.Errorf("mongo: update user: %w: %w", jeton.ErrEmailTaken, err)
	}
	return nil, translate(ctx, "update user", err)
}

// set adds a field to those that an update sets, if to points to a value.
func set[T any](fields bson.M, name string, to *T) {
	if to != nil {
		fields[name] = *to
	}
}

// belongsToAnother reports whether an update to emailKey failed with err because somebody else has it. It asks, since not every server
// that speaks MongoDB's protocol has the code for that when a document is changed.
func (s *Store) belongsToAnother(ctx context.Context, emailKey, id string, err error) bool {
	if _, refused := errors.AsType[mongo.ServerError](err); !refused || isUnavailable(err) {
		return false
	}
	owner, err := s.user(ctx, bson.M{"email_unique": "is:" + emailKey})
	return err == nil && owner.ID != id
}

// SetPassword replaces the hash by change.New if it is change.Old, otherwise it returns [jeton.ErrConflict], or
// [jeton.ErrNotFound]. PasswordChangedAt stays if change.ChangedAt is zero.
func (s *Store) SetPassword(ctx context.Context, id string, change jeton.PasswordChange) error {
	fields := bson.M{"password_hash": change.New}
	if !change.ChangedAt.IsZero() {
		fields["password_changed_at"] = change.ChangedAt
	}
	matched, err := updateOne(ctx, s.users, bson.M{"_id": id, "password_hash": change.Old}, bson.M{"$set": fields})
	if err == nil && !matched {
		if _, err = s.user(ctx, bson.M{"_id": id}); err == nil {
			err = jeton.ErrConflict
		}
	}
	return translate(ctx, "set password", err)
}

// DeleteUser removes a user or returns [jeton.ErrNotFound].
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	return translate(ctx, "delete user", deleteOne(ctx, s.users, bson.M{"_id": id}))
}
