import {x} from "@ipcascade/store"; import {PGlite} from "@electric-sql/pglite"; console.log("cli", x, typeof PGlite); 
