import type { SqlClient } from "@ipcascade/store";

/** Closes the database when what is opened after it can't be. */
export async function openOrClose<T>(database: SqlClient, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    await database.close();
    throw error;
  }
}
