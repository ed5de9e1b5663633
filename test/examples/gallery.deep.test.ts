/** The gallery's programs that need compilers or packages which are not everywhere: each is checked, or it is said why not. */
import { programs } from "../../examples/gallery/programs.ts";
import { testPrograms } from "./galleryChecks.ts";

testPrograms(programs.filter(({ isCommon }) => isCommon !== true));
