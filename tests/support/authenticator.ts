/** An authenticator in software (WebAuthn level 3): a P-256 key, "none" attestation, a counter. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isoCBOR } from "@simplewebauthn/server/helpers";

type Options = { challenge: string };

export type Authenticator = {
  /** Answers `navigator.credentials.create`. */
  create: (options: Options) => Record<string, unknown>;
  /** Answers `navigator.credentials.get`. */
  get: (options: Options) => Record<string, unknown>;
  /** Off: possession alone, as a key without a PIN answers. */
  verifiesUser: boolean;
  /** Set it back, as a copied key would. */
  counter: number;
};

const userPresent = 0x01;
const userVerified = 0x04;
const hasCredential = 0x40;
const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest();

export function createAuthenticator(origin = "http://localhost:8080"): Authenticator {
  const rpIdHash = sha256(new URL(origin).hostname);
  const credentialId = randomBytes(32);
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

  const authenticatorData = (self: Authenticator, rest: Buffer) => {
    self.counter += 1;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(self.counter);
    const flags =
      userPresent | (self.verifiesUser ? userVerified : 0) | (rest.length > 0 ? hasCredential : 0);
    return Buffer.concat([rpIdHash, Buffer.from([flags]), counter, rest]);
  };
  const answer = (response: Record<string, string>) => ({
    id: credentialId.toString("base64url"),
    rawId: credentialId.toString("base64url"),
    type: "public-key",
    clientExtensionResults: {},
    response,
  });
  const clientData = (type: string, { challenge }: Options) =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));

  return {
    verifiesUser: true,
    counter: 0,
    create(options) {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(credentialId.length);
      const authData = authenticatorData(
        this,
        Buffer.concat([Buffer.alloc(16), length, credentialId, coseKey(publicKey)]),
      );
      const attestation = isoCBOR.encode(
        new Map<string, unknown>([
          ["fmt", "none"],
          ["attStmt", new Map()],
          ["authData", new Uint8Array(authData)],
        ]) as never,
      );
      return answer({
        clientDataJSON: clientData("webauthn.create", options).toString("base64url"),
        attestationObject: Buffer.from(attestation).toString("base64url"),
      });
    },
    get(options) {
      const data = clientData("webauthn.get", options);
      const authData = authenticatorData(this, Buffer.alloc(0));
      const signature = sign("sha256", Buffer.concat([authData, sha256(data)]), privateKey);
      return answer({
        clientDataJSON: data.toString("base64url"),
        authenticatorData: authData.toString("base64url"),
        signature: signature.toString("base64url"),
      });
    },
  };
}

/** RFC 9053: kty EC2, alg ES256, crv P-256. */
function coseKey(key: KeyObject): Buffer {
  const { x, y } = key.export({ format: "jwk" });
  const bytes = (text: string | undefined) => new Uint8Array(Buffer.from(text ?? "", "base64url"));
  const map = new Map<number, unknown>([
    [1, 2],
    [3, -7],
    [-1, 1],
    [-2, bytes(x)],
    [-3, bytes(y)],
  ]);
  return Buffer.from(isoCBOR.encode(map as never));
}
