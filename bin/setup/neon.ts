import * as v from "valibot";
import { UsherError } from "../../release/error.ts";
import { type ApiClient, ApiRefusal } from "./api-client.ts";
import { read } from "./cloudflare.ts";

const ProjectSchema = v.object({ id: v.string(), name: v.string() });
const BranchSchema = v.object({ id: v.string(), name: v.string() });

/** What Neon makes with every project. */
const DATABASE = "neondb";
const ROLE = "neondb_owner";

/** A Neon account: projects, their branches, and how to connect to them. */
export class NeonAccount {
  readonly #client: ApiClient;
  readonly #organisation: string | undefined;

  /** @param organisation Neon's `org_id`, which keys of a person with several organisations need. */
  constructor(client: ApiClient, organisation?: string) {
    this.#client = client;
    this.#organisation = organisation;
  }

  /** @throws UsherError `NEON_AMBIGUOUS` when several projects have the name: Neon allows it. */
  async projectId(name: string): Promise<string | null> {
    const query = new URLSearchParams({ search: name, limit: "400", ...this.#org() });
    const { projects } = read(
      v.object({ projects: v.array(ProjectSchema) }),
      await this.#client.get(`/projects?${query}`),
    );
    const named = projects.filter((project) => project.name === name);
    if (named.length <= 1) return named[0]?.id ?? null;
    throw new UsherError(
      "NEON_AMBIGUOUS",
      `Neon has ${named.length} projects called "${name}" (${named.map(({ id }) => id).join(", ")}). Rename or remove all but one, or set DATABASE_URL.`,
    );
  }

  async createProject(name: string): Promise<string> {
    const answer = await this.#client.send("POST", "/projects", {
      project: { name, ...this.#org() },
    });
    return read(v.object({ project: ProjectSchema }), answer).project.id;
  }

  async branchId(project: string, name: string): Promise<string | null> {
    const { branches } = read(
      v.object({ branches: v.array(BranchSchema) }),
      await this.#client.get(`/projects/${project}/branches?limit=10000`),
    );
    return branches.find((branch) => branch.name === name)?.id ?? null;
  }

  /** A copy-on-write copy of the project's main branch, with a compute of its own. */
  async createBranch(project: string, name: string): Promise<string> {
    const answer = await this.#client.send("POST", `/projects/${project}/branches`, {
      branch: { name },
      endpoints: [{ type: "read_write" }],
    });
    return read(v.object({ branch: BranchSchema }), answer).branch.id;
  }

  /**
   * The connection string, password included.
   *
   * @param pooled through Neon's pooler, for Workers, of which many run at once. Its connections do
   * not keep a session, which migrations need for their lock.
   */
  async connectionUri(project: string, branch: string | null, pooled: boolean): Promise<string> {
    const query = new URLSearchParams({
      database_name: DATABASE,
      role_name: ROLE,
      pooled: String(pooled),
      ...(branch === null ? {} : { branch_id: branch }),
    });
    const answer = await this.#client.get(`/projects/${project}/connection_uri?${query}`);
    return read(v.object({ uri: v.string() }), answer).uri;
  }

  /** Removes a project or a branch; what is not there is removed already. */
  async remove(path: string): Promise<void> {
    try {
      await this.#client.send("DELETE", path);
    } catch (error) {
      if (!(error instanceof ApiRefusal) || error.status !== 404) throw error;
    }
  }

  #org(): { org_id?: string } {
    return this.#organisation === undefined ? {} : { org_id: this.#organisation };
  }
}
