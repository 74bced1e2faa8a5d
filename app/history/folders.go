package history

import (
	"context"
	"database/sql"
)

// Folders lists the folders by name.
func (s *Store) Folders(ctx context.Context) (folders []Folder, err error) {
	err = s.read(ctx, "listing the folders", func(ctx context.Context, conn *sql.Conn) (err error) {
		folders, err = collect(ctx, conn, scanFolder, "SELECT id, name FROM folders ORDER BY name COLLATE NOCASE, id")
		return err
	})
	return folders, err
}

func scanFolder(row scanner) (f Folder, err error) {
	err = row.Scan(&f.ID, &f.Name)
	return f, err
}

// NewFolder adds a folder. Two may have the same name.
func (s *Store) NewFolder(ctx context.Context, name string) (folder Folder, err error) {
	err = s.write(ctx, "adding a folder", durable, func(ctx context.Context, tx *sql.Tx) (err error) {
		folder, err = scanFolder(tx.QueryRowContext(ctx, "INSERT INTO folders (name) VALUES (?) RETURNING id, name", name))
		return err
	})
	return folder, err
}

// RenameFolder gives a folder another name.
func (s *Store) RenameFolder(ctx context.Context, id int64, name string) error {
	return s.changeChat(ctx, "renaming a folder", "UPDATE folders SET name = ? WHERE id = ?", name, id)
}

// DeleteFolder removes a folder. Its chats stay and lie in none.
func (s *Store) DeleteFolder(ctx context.Context, id int64) error {
	return s.changeChat(ctx, "removing a folder", "DELETE FROM folders WHERE id = ?", id)
}

// Move puts chats into a folder, or out of any if that is 0: all of them or, if
// one of them or the folder is not there, none.
func (s *Store) Move(ctx context.Context, folder int64, chats ...int64) error {
	return s.write(ctx, "moving chats", durable, func(ctx context.Context, tx *sql.Tx) error {
		if folder != 0 {
			if err := tx.QueryRowContext(ctx, "SELECT id FROM folders WHERE id = ?", folder).Scan(&folder); err != nil {
				return err
			}
		}
		return changeAll(ctx, tx, "folder = nullif(?, 0)", chats, folder)
	})
}

// Pin puts chats on top of the list or lets them go: all of them or, if one is
// not there, none.
func (s *Store) Pin(ctx context.Context, pinned bool, chats ...int64) error {
	return s.changeChats(ctx, "pinning chats", "pin = ?", chats, pinned)
}

// changeChats changes all of the chats or none.
func (s *Store) changeChats(ctx context.Context, doing, set string, chats []int64, args ...any) error {
	return s.write(ctx, doing, durable, func(ctx context.Context, tx *sql.Tx) error {
		return changeAll(ctx, tx, set, chats, args...)
	})
}

// changeAll sets something in every one of the chats.
func changeAll(ctx context.Context, tx *sql.Tx, set string, chats []int64, args ...any) error {
	for _, id := range chats {
		if err := changeOne(ctx, tx, "UPDATE chats SET "+set+" WHERE id = ?", append(args[:len(args):len(args)], id)...); err != nil {
			return err
		}
	}
	return nil
}
