// Made by `npm run openapi` from control/openapi.json; do not edit.
export interface paths {
  "/v1/units": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          parentId?: string
          search?: string
          state?: "standing" | "ended" | "all"
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["UnitPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
      }
      requestBody: {
        content: {
          "application/json": {
            code: string
            name: string
            parentId?: string | null
            presentationDelayMs?: number | null
            people?: number | null
            contact?: {
              name: string
              phone: string
            } | null
            validFrom?: string
          }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["Unit"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/units/export": {
    get: {
      parameters: {
        query?: {
          format?: "xlsx" | "csv"
          lang?: "vi" | "en"
          parentId?: string
          search?: string
          state?: "standing" | "ended" | "all"
        }
      }
      responses: {
        200: {
          content: {
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string
            "text/csv": string
          }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/units/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Unit"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    delete: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    patch: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": {
            code?: string
            name?: string
            parentId?: string | null
            presentationDelayMs?: number | null
            people?: number | null
            contact?: {
              name: string
              phone: string
            } | null
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Unit"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/unit-changes": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          state?: "planned" | "done" | "cancelled" | "failed"
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["UnitChangePage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      parameters: {
        header?: {
          "idempotency-key"?: string
          "if-match"?: string
        }
      }
      requestBody: {
        content: {
          "application/json": {
            at?: string
            note?: string
            steps: ({
              /** @enum {string} */
              kind: "rename"
              unitId: string
              code?: string
              name?: string
            } | {
              /** @enum {string} */
              kind: "move"
              unitId: string
              parentId: string | null
            } | {
              /** @enum {string} */
              kind: "merge"
              unitIds: string[]
              into: string | {
                code: string
                name: string
                parentId?: string | null
              }
            } | {
              /** @enum {string} */
              kind: "split"
              unitId: string
              parts: {
                into: string | {
                  code: string
                  name: string
                  parentId?: string | null
                }
                clusterIds: string[]
                unitIds: string[]
              }[]
              remains: boolean
            } | {
              /** @enum {string} */
              kind: "end"
              unitId: string
            })[]
          }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["UnitChange"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/unit-changes/check": {
    post: {
      requestBody: {
        content: {
          "application/json": {
            at?: string
            note?: string
            steps: ({
              /** @enum {string} */
              kind: "rename"
              unitId: string
              code?: string
              name?: string
            } | {
              /** @enum {string} */
              kind: "move"
              unitId: string
              parentId: string | null
            } | {
              /** @enum {string} */
              kind: "merge"
              unitIds: string[]
              into: string | {
                code: string
                name: string
                parentId?: string | null
              }
            } | {
              /** @enum {string} */
              kind: "split"
              unitId: string
              parts: {
                into: string | {
                  code: string
                  name: string
                  parentId?: string | null
                }
                clusterIds: string[]
                unitIds: string[]
              }[]
              remains: boolean
            } | {
              /** @enum {string} */
              kind: "end"
              unitId: string
            })[]
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["UnitChangeOutcome"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/unit-changes/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["UnitChange"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/unit-changes/{id}/cancel": {
    post: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["UnitChange"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/unit-map": {
    get: {
      parameters: {
        query: {
          limit?: number
          cursor?: string
          at: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["UnitMapPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/units/{id}/history": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["UnitHistory"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clusters/{id}/units": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ClusterUnits"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clusters": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          unitId?: string
          tag?: string
          enabled?: boolean
          state?: "planned" | "active" | "repair" | "retired"
          technology?: "ip" | "fm" | "wired"
          search?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ClusterPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
      }
      requestBody: {
        content: {
          "application/json": {
            unitId: string
            code: string
            name: string
            tags?: string[]
            position?: {
              lat: number
              lon: number
            } | null
            enabled?: boolean
            /** @enum {unknown} */
            state?: "planned" | "active" | "repair" | "retired"
            equipment?: {
              technology?: ("ip" | "fm" | "wired") | null
              imei?: string | null
              sim?: string | null
              maker?: string | null
              model?: string | null
              amplifier?: string | null
              loudspeakers?: number | null
              buildYear?: number | null
              depreciatedOn?: string | null
              keeper?: string | null
              keeperPhone?: string | null
            }
          }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["ClusterWithKey"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clusters/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Cluster"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    delete: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    patch: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": {
            unitId?: string
            code?: string
            name?: string
            tags?: string[]
            position?: {
              lat: number
              lon: number
            } | null
            enabled?: boolean
            /** @enum {unknown} */
            state?: "planned" | "active" | "repair" | "retired"
            equipment?: {
              technology?: ("ip" | "fm" | "wired") | null
              imei?: string | null
              sim?: string | null
              maker?: string | null
              model?: string | null
              amplifier?: string | null
              loudspeakers?: number | null
              buildYear?: number | null
              depreciatedOn?: string | null
              keeper?: string | null
              keeperPhone?: string | null
            }
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Cluster"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clusters/{id}/rotate-key": {
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ClusterWithKey"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clusters/{id}/on-air": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ClusterOnAir"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clusters/import": {
    post: {
      parameters: {
        query?: { dryRun?: boolean }
        header?: {
          "idempotency-key"?: string
          "if-match"?: string
        }
      }
      requestBody: {
        content: {
          "multipart/form-data": { file: string }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ClusterImport"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clusters/export": {
    get: {
      parameters: {
        query?: {
          format?: "xlsx" | "csv"
          lang?: "vi" | "en"
          unitId?: string
          tag?: string
          enabled?: boolean
          state?: "planned" | "active" | "repair" | "retired"
          technology?: "ip" | "fm" | "wired" | "none"
          search?: string
          working?: "lost" | "silent" | "out-of-step" | "muted" | "unknown" | "never-seen" | "playing" | "idle" | "out-of-use"
          condition?: "amplifier-off" | "storage-fault" | "off-mains" | "hot" | "wrong-clock" | "weak-signal" | "unverified" | "out-of-step" | "no-status" | "not-synchronised"
        }
      }
      responses: {
        200: {
          content: {
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string
            "text/csv": string
          }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/groups": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          search?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["GroupPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
      }
      requestBody: {
        content: {
          "application/json": {
            name: string
            units?: string[]
            tags?: string[]
            area?: ({
              /** @enum {string} */
              type: "Polygon"
              coordinates: number[][][]
            } | {
              /** @enum {string} */
              type: "MultiPolygon"
              coordinates: number[][][][]
            }) | null
            circles?: {
              lat: number
              lon: number
              radiusM: number
            }[]
            /** @enum {unknown} */
            match?: "any" | "all"
          }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["Group"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/groups/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Group"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    delete: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    patch: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": {
            name?: string
            units?: string[]
            tags?: string[]
            area?: ({
              /** @enum {string} */
              type: "Polygon"
              coordinates: number[][][]
            } | {
              /** @enum {string} */
              type: "MultiPolygon"
              coordinates: number[][][][]
            }) | null
            circles?: {
              lat: number
              lon: number
              radiusM: number
            }[]
            /** @enum {unknown} */
            match?: "any" | "all"
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Group"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/groups/{id}/clusters": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Selected"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/groups/preview": {
    post: {
      requestBody: {
        content: {
          "application/json": {
            units?: string[]
            tags?: string[]
            area?: ({
              /** @enum {string} */
              type: "Polygon"
              coordinates: number[][][]
            } | {
              /** @enum {string} */
              type: "MultiPolygon"
              coordinates: number[][][][]
            }) | null
            circles?: {
              lat: number
              lon: number
              radiusM: number
            }[]
            /** @enum {unknown} */
            match?: "any" | "all"
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Selected"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clusters/{id}/play-log": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          orderId?: string
        }
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["PlayLogPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clusters/{id}/commands": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
        }
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["CommandOfClusterPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": {
            /** @enum {string} */
            type: "volume"
            percent: number
            expiresInMs?: number
          } | {
            /** @enum {string} */
            type: "mute"
            muted: boolean
            expiresInMs?: number
          } | {
            /** @enum {string} */
            type: "restart-stream"
            expiresInMs?: number
          } | {
            /** @enum {string} */
            type: "identify"
            durationMs?: number
            expiresInMs?: number
          } | {
            /** @enum {string} */
            type: "set-offset"
            offsetMs: number
            expiresInMs?: number
          } | {
            /** @enum {string} */
            type: "set-frequency"
            frequencyKhz: number
            expiresInMs?: number
          } | {
            /** @enum {string} */
            type: "amplifier"
            on: boolean
            expiresInMs?: number
          } | {
            /** @enum {string} */
            type: "refresh-bundle"
            expiresInMs?: number
          } | {
            /** @enum {string} */
            type: "reboot"
            expiresInMs?: number
          }
        }
      }
      responses: {
        202: {
          content: { "application/json": components["schemas"]["Command"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/commands": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["CommandPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
      }
      requestBody: {
        content: {
          "application/json": {
            /** @enum {string} */
            type: "volume"
            percent: number
            expiresInMs?: number
            targets: {
              units?: string[]
              clusters?: string[]
              tags?: string[]
              groups?: string[]
            }
          } | {
            /** @enum {string} */
            type: "mute"
            muted: boolean
            expiresInMs?: number
            targets: {
              units?: string[]
              clusters?: string[]
              tags?: string[]
              groups?: string[]
            }
          } | {
            /** @enum {string} */
            type: "restart-stream"
            expiresInMs?: number
            targets: {
              units?: string[]
              clusters?: string[]
              tags?: string[]
              groups?: string[]
            }
          } | {
            /** @enum {string} */
            type: "identify"
            durationMs?: number
            expiresInMs?: number
            targets: {
              units?: string[]
              clusters?: string[]
              tags?: string[]
              groups?: string[]
            }
          } | {
            /** @enum {string} */
            type: "set-offset"
            offsetMs: number
            expiresInMs?: number
            targets: {
              units?: string[]
              clusters?: string[]
              tags?: string[]
              groups?: string[]
            }
          } | {
            /** @enum {string} */
            type: "set-frequency"
            frequencyKhz: number
            expiresInMs?: number
            targets: {
              units?: string[]
              clusters?: string[]
              tags?: string[]
              groups?: string[]
            }
          } | {
            /** @enum {string} */
            type: "amplifier"
            on: boolean
            expiresInMs?: number
            targets: {
              units?: string[]
              clusters?: string[]
              tags?: string[]
              groups?: string[]
            }
          } | {
            /** @enum {string} */
            type: "refresh-bundle"
            expiresInMs?: number
            targets: {
              units?: string[]
              clusters?: string[]
              tags?: string[]
              groups?: string[]
            }
          } | {
            /** @enum {string} */
            type: "reboot"
            expiresInMs?: number
            targets: {
              units?: string[]
              clusters?: string[]
              tags?: string[]
              groups?: string[]
            }
          }
        }
      }
      responses: {
        202: {
          content: { "application/json": components["schemas"]["Command"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/commands/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Command"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/commands/{id}/clusters": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          result?: "done" | "refused" | "failed" | "open"
        }
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["CommandResultPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clusters/{id}/enrolment-codes": {
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": { expiresInMs?: number }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["EnrolmentCode"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clusters/{id}/devices": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["DeviceList"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/devices/{id}/revoke": {
    post: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Device"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/signing-keys": {
    get: {
      responses: {
        200: {
          content: { "application/json": components["schemas"]["SigningKeyList"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/signing-keys/rotate": {
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
      }
      requestBody: {
        content: {
          "application/json": { overlapMs?: number }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["SigningKeyList"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clusters/{id}/photo": {
    get: {
      parameters: {
        query?: { size?: "full" | "thumbnail" }
        path: { id: string }
      }
      responses: {
        200: {
          content: { "image/jpeg": string }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
        path: { id: string }
      }
      requestBody: {
        content: {
          "multipart/form-data": { file: string }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["ClusterPhoto"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    delete: {
      parameters: {
        path: { id: string }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/recordings": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          from?: string
          to?: string
          unitId?: string
          orderId?: string
          sourceId?: string
          class?: "emergency" | "priority" | "normal"
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["RecordingPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/recordings/usage": {
    get: {
      responses: {
        200: {
          content: { "application/json": components["schemas"]["RecordingUsage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/recordings/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Recording"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    delete: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/recordings/{id}/audio": {
    get: {
      parameters: {
        query?: {
          fromMs?: number
          toMs?: number
          download?: boolean
        }
        header?: {
          range?: string
          "if-range"?: string
        }
        path: { id: string }
      }
      responses: {
        200: {
          content: { "audio/ogg": string }
        }
        206: {
          content: { "audio/ogg": string }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/recordings/{id}/hold": {
    put: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": { reason: string }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Recording"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    delete: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Recording"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/orders/{id}/recording": {
    get: {
      parameters: {
        query?: {
          from?: string
          to?: string
          unitId?: string
        }
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["OrderRecording"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/orders/{id}/recording/audio": {
    get: {
      parameters: {
        query?: {
          from?: string
          to?: string
          unitId?: string
          download?: boolean
        }
        header?: {
          range?: string
          "if-range"?: string
        }
        path: { id: string }
      }
      responses: {
        200: {
          content: { "audio/ogg": string }
        }
        206: {
          content: { "audio/ogg": string }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/units/{id}/recording-rules": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["RecordingRules"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    put: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": { keepDays: number | null }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["RecordingRules"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/enrolment-codes": {
    post: {
      parameters: {
        query?: {
          format?: "json" | "csv" | "xlsx"
          lang?: "vi" | "en"
        }
      }
      requestBody: {
        content: {
          "application/json": {
            targets: {
              units?: string[]
              clusters?: string[]
            }
            expiresInMs?: number
            withDevices?: boolean
          }
        }
      }
      responses: {
        201: {
          content: {
            "application/json": components["schemas"]["EnrolmentCodes"]
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string
            "text/csv": string
          }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/sources": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          kind?: "icecast" | "whip" | "relay" | "tone" | "rtp" | "rtmp" | "srt" | "standby" | "phone"
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["SourcePage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
      }
      requestBody: {
        content: {
          "application/json": {
            /** @enum {string} */
            kind: "icecast"
            name: string
            unitId?: string | null
            fallbackSourceId?: string | null
            silenceTimeoutMs?: number | null
            /** @enum {unknown} */
            levelling?: "off" | "programme" | "speech"
            /** @enum {unknown} */
            watch?: "all" | "silence" | "off"
            mount: string
            /** @enum {unknown} */
            takeover?: "refuse" | "replace"
            /** @enum {unknown} */
            acceptsFrom?: "always" | "window"
            leadTimeMs?: number
            tailMs?: number
          } | {
            /** @enum {string} */
            kind: "whip"
            name: string
            unitId?: string | null
            fallbackSourceId?: string | null
            silenceTimeoutMs?: number | null
            /** @enum {unknown} */
            levelling?: "off" | "programme" | "speech"
            /** @enum {unknown} */
            watch?: "all" | "silence" | "off"
            /** @enum {unknown} */
            takeover?: "refuse" | "replace"
            /** @enum {unknown} */
            acceptsFrom?: "always" | "window"
            leadTimeMs?: number
            tailMs?: number
          } | {
            /** @enum {string} */
            kind: "relay"
            name: string
            unitId?: string | null
            fallbackSourceId?: string | null
            silenceTimeoutMs?: number | null
            /** @enum {unknown} */
            levelling?: "off" | "programme" | "speech"
            /** @enum {unknown} */
            watch?: "all" | "silence" | "off"
            urls: string[]
          } | {
            /** @enum {string} */
            kind: "tone"
            name: string
            unitId?: string | null
            fallbackSourceId?: string | null
            silenceTimeoutMs?: number | null
            /** @enum {unknown} */
            levelling?: "off" | "programme" | "speech"
            /** @enum {unknown} */
            watch?: "all" | "silence" | "off"
            frequencyHz: number
            levelDbfs?: number
          } | {
            /** @enum {string} */
            kind: "rtp"
            name: string
            unitId?: string | null
            fallbackSourceId?: string | null
            silenceTimeoutMs?: number | null
            /** @enum {unknown} */
            levelling?: "off" | "programme" | "speech"
            /** @enum {unknown} */
            watch?: "all" | "silence" | "off"
            sdp?: string
            stream?: {
              group: string | null
              port: number
              /** @enum {unknown} */
              codec: "opus" | "l16" | "l24"
              payloadType: number
              sampleRateHz: number
              channels: number
            }
            senders?: string[]
            interface?: string | null
          } | {
            /** @enum {string} */
            kind: "rtmp"
            name: string
            unitId?: string | null
            fallbackSourceId?: string | null
            silenceTimeoutMs?: number | null
            /** @enum {unknown} */
            levelling?: "off" | "programme" | "speech"
            /** @enum {unknown} */
            watch?: "all" | "silence" | "off"
            /** @enum {unknown} */
            takeover?: "refuse" | "replace"
            /** @enum {unknown} */
            acceptsFrom?: "always" | "window"
            leadTimeMs?: number
            tailMs?: number
          } | {
            /** @enum {string} */
            kind: "srt"
            name: string
            unitId?: string | null
            fallbackSourceId?: string | null
            silenceTimeoutMs?: number | null
            /** @enum {unknown} */
            levelling?: "off" | "programme" | "speech"
            /** @enum {unknown} */
            watch?: "all" | "silence" | "off"
            port: number
            latencyMs?: number
          } | {
            /** @enum {string} */
            kind: "standby"
            name: string
            unitId?: string | null
            fallbackSourceId?: string | null
            silenceTimeoutMs?: number | null
            /** @enum {unknown} */
            levelling?: "off" | "programme" | "speech"
            /** @enum {unknown} */
            watch?: "all" | "silence" | "off"
            inputSourceIds: string[]
            /** @enum {unknown} */
            return?: "automatic" | "manual"
            returnAfterMs?: number
          } | {
            /** @enum {string} */
            kind: "phone"
            name: string
            unitId?: string | null
            fallbackSourceId?: string | null
            silenceTimeoutMs?: number | null
            /** @enum {unknown} */
            levelling?: "off" | "programme" | "speech"
            /** @enum {unknown} */
            watch?: "all" | "silence" | "off"
          }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["SourceWithKey"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/sources/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Source"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    delete: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    patch: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      /** @description the kind stays; a URL sent back as it was shown, masked, keeps its credentials */
      requestBody: {
        content: {
          "application/json": {
            name?: string
            unitId?: string | null
            fallbackSourceId?: string | null
            silenceTimeoutMs?: number | null
            /** @enum {unknown} */
            levelling?: "off" | "programme" | "speech"
            /** @enum {unknown} */
            watch?: "all" | "silence" | "off"
            mount?: string
            /** @enum {unknown} */
            takeover?: "refuse" | "replace"
            urls?: string[]
            frequencyHz?: number
            levelDbfs?: number
            sdp?: string
            stream?: {
              group: string | null
              port: number
              /** @enum {unknown} */
              codec: "opus" | "l16" | "l24"
              payloadType: number
              sampleRateHz: number
              channels: number
            }
            senders?: string[]
            interface?: string | null
            port?: number
            latencyMs?: number
            /** @enum {unknown} */
            acceptsFrom?: "always" | "window"
            leadTimeMs?: number
            tailMs?: number
            inputSourceIds?: string[]
            /** @enum {unknown} */
            return?: "automatic" | "manual"
            returnAfterMs?: number
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Source"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/sources/{id}/rotate-key": {
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
        path: { id: string }
      }
      requestBody?: {
        content: {
          "application/json": {
            overlapMs?: number
            endSessions?: boolean
          } | null
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["SourceWithKey"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/sources/{id}/keys": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
        }
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["SourceKeyPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": {
            label: string
            /** @enum {unknown} */
            class?: "emergency" | "priority" | "normal"
            expiresAt?: string | null
          }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["SourceKeyWithSecret"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/sources/{id}/keys/{keyId}": {
    delete: {
      parameters: {
        query?: { endSessions?: boolean }
        path: {
          id: string
          keyId: string
        }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/sources/{id}/attempts": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
        }
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["SourceAttemptPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/microphones": {
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
      }
      requestBody?: {
        content: {
          "application/json": { unitId?: string | null } | null
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["Microphone"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/sources/{id}/switch": {
    post: {
      parameters: {
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": {
            inputSourceId: string | null
            force?: boolean
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Source"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/sources/{id}/switches": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
        }
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["SourceSwitchPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clips": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          search?: string
          unitId?: string
          minDurationMs?: number
          maxDurationMs?: number
          minLufs?: number
          maxLufs?: number
          newestFirst?: boolean
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ClipPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      parameters: {
        query?: { unitId?: string }
        header?: { "idempotency-key"?: string }
      }
      requestBody: {
        content: {
          "multipart/form-data": {
            file: string
            name?: string
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Clip"] }
        }
        201: {
          content: { "application/json": components["schemas"]["Clip"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clips/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Clip"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    delete: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    patch: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": {
            name?: string
            unitId?: string | null
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Clip"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clips/{id}/audio": {
    get: {
      parameters: {
        query?: { format?: "wav" | "opus" }
        header?: {
          range?: string
          "if-range"?: string
        }
        path: { id: string }
      }
      responses: {
        200: {
          content: {
            "audio/wav": string
            "audio/ogg": string
          }
        }
        206: {
          content: {
            "audio/wav": string
            "audio/ogg": string
          }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clips/{id}/peaks": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ClipPeaks"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clips/{id}/usage": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ClipUsage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clips/{id}/trim": {
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": {
            fromMs: number
            toMs: number
            name?: string
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Clip"] }
        }
        201: {
          content: { "application/json": components["schemas"]["Clip"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clip-uploads": {
    get: {
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ClipUploadList"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
      }
      requestBody: {
        content: {
          "application/json": {
            name: string
            sizeBytes: number
            unitId?: string
          }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["ClipUpload"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clip-uploads/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ClipUpload"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    delete: {
      parameters: {
        path: { id: string }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    patch: {
      parameters: {
        header: { "upload-offset": number }
        path: { id: string }
      }
      /** @description the bytes from `Upload-Offset` on, as many as there are */
      requestBody: {
        content: { "application/offset+octet-stream": string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ClipUpload"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clip-uploads/{id}/clip": {
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Clip"] }
        }
        201: {
          content: { "application/json": components["schemas"]["Clip"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/playlists": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          search?: string
          unitId?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["PlaylistPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
      }
      requestBody: {
        content: {
          "application/json": {
            name: string
            unitId?: string | null
            clipIds?: string[]
          }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["Playlist"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/playlists/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Playlist"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    delete: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    patch: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": {
            name?: string
            unitId?: string | null
            clipIds?: string[]
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Playlist"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/orders": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          state?: "scheduled" | "on-air" | "ended" | "stopped"
          class?: "emergency" | "priority" | "normal"
          clusterId?: string
          sourceId?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["OrderPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
      }
      /** @description Either `sourceId` or `clipIds`; for a source either `endsAt` or `durationMs`. Clips without an end get as much time as they last, and a while more for what an emergency cuts away. */
      requestBody: {
        content: {
          "application/json": {
            /** @enum {unknown} */
            class: "emergency" | "priority" | "normal"
            title: string
            sourceId?: string
            clipIds?: string[]
            targets: {
              units?: string[]
              clusters?: string[]
              tags?: string[]
              groups?: string[]
            }
            startsAt?: string
            endsAt?: string
            durationMs?: number
            rank?: number
            /** @enum {unknown} */
            resume?: "continue" | "skip"
            issuer?: string
            /** @enum {unknown} */
            field?: "general" | "sudden" | "law" | "steering" | "knowledge" | "good-deeds"
            reason?: string
            tone?: boolean
            mixing?: {
              over?: {
                duckDb?: number
                attackMs?: number
                releaseMs?: number
              } | null
              introClipId?: string | null
              outroClipId?: string | null
              crossfadeMs?: number
            }
          }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["Order"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/orders/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Order"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/orders/{id}/hand-over": {
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": {
            sourceId: string
            crossfadeMs?: number
            force?: boolean
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Order"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/orders/{id}/stop": {
    post: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Order"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/targets/preview": {
    post: {
      requestBody: {
        content: {
          "application/json": {
            targets: {
              units?: string[]
              clusters?: string[]
              tags?: string[]
              groups?: string[]
              selection?: {
                units?: string[]
                tags?: string[]
                area?: ({
                  /** @enum {string} */
                  type: "Polygon"
                  coordinates: number[][][]
                } | {
                  /** @enum {string} */
                  type: "MultiPolygon"
                  coordinates: number[][][][]
                }) | null
                circles?: {
                  lat: number
                  lon: number
                  radiusM: number
                }[]
                /** @enum {unknown} */
                match?: "any" | "all"
              }
              everything?: boolean
            }
            /** @enum {unknown} */
            kind?: "real" | "exercise" | "test"
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["TargetPreview"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/alerts": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          kind?: "real" | "exercise" | "test"
          hazard?: "flood" | "storm" | "dam-release" | "fire" | "epidemic" | "missing-person" | "all-clear" | "other"
          state?: "prepared" | "awaiting-second" | "scheduled" | "on-air" | "ended" | "cancelled" | "expired" | "refused"
          over?: boolean
          confirmed?: boolean
          from?: string
          to?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["AlertPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
      }
      /** @description What is said comes from `templateId` and `slots`, from `parts`, or live from `sourceId`. Without a template `hazard`, `level` and `title` are needed. */
      requestBody: {
        content: {
          "application/json": {
            /** @enum {unknown} */
            kind: "real" | "exercise" | "test"
            targets: {
              units?: string[]
              clusters?: string[]
              tags?: string[]
              groups?: string[]
              selection?: {
                units?: string[]
                tags?: string[]
                area?: ({
                  /** @enum {string} */
                  type: "Polygon"
                  coordinates: number[][][]
                } | {
                  /** @enum {string} */
                  type: "MultiPolygon"
                  coordinates: number[][][][]
                }) | null
                circles?: {
                  lat: number
                  lon: number
                  radiusM: number
                }[]
                /** @enum {unknown} */
                match?: "any" | "all"
              }
              everything?: boolean
            }
            templateId?: string
            slots?: { [key: string]: string }
            /** @enum {unknown} */
            hazard?: "flood" | "storm" | "dam-release" | "fire" | "epidemic" | "missing-person" | "all-clear" | "other"
            /** @enum {unknown} */
            level?: 1 | 2 | 3 | 4 | 5
            title?: string
            parts?: {
              language: string
              text?: string
              clipId?: string
            }[]
            sourceId?: string
            /** @enum {unknown} */
            voice?: "north" | "central" | "south"
            frameClipId?: string
            cancelClipId?: string
            issuer?: string
            startsAt?: string
            expiresAt?: string
            durationMs?: number
            repeat?: {
              times: number
              everyHours: (1 | 2 | 3 | 4 | 6 | 8 | 12 | 24) | null
            }
            replaces?: string
          }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["Alert"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/alerts/export": {
    get: {
      parameters: {
        query?: {
          format?: "xlsx" | "csv"
          lang?: "vi" | "en"
          kind?: "real" | "exercise" | "test"
          hazard?: "flood" | "storm" | "dam-release" | "fire" | "epidemic" | "missing-person" | "all-clear" | "other"
          state?: "prepared" | "awaiting-second" | "scheduled" | "on-air" | "ended" | "cancelled" | "expired" | "refused"
          over?: boolean
          confirmed?: boolean
          from?: string
          to?: string
          unitId?: string
        }
      }
      responses: {
        200: {
          content: {
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string
            "text/csv": string
          }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/alerts/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Alert"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/alerts/{id}/clusters": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["AlertClusters"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/alerts/{id}/confirm": {
    post: {
      parameters: {
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": {
            breakGlass?: { reason: string }
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Alert"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/alerts/{id}/approve": {
    post: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Alert"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/alerts/{id}/refuse": {
    post: {
      parameters: {
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": { reason?: string }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Alert"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/alerts/{id}/cancel": {
    post: {
      parameters: {
        path: { id: string }
      }
      /** @description Left out: what was made ready with the alert is said. */
      requestBody: {
        content: {
          "application/json": {
            title?: string
            parts?: {
              language: string
              text?: string
              clipId?: string
            }[]
            sourceId?: string
            /** @enum {unknown} */
            voice?: "north" | "central" | "south"
            reason?: string
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Alert"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/alerts/{id}/finish": {
    post: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Alert"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/alerts/{id}/correct": {
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
        path: { id: string }
      }
      /** @description `parts` or `sourceId` */
      requestBody: {
        content: {
          "application/json": {
            title?: string
            parts?: {
              language: string
              text?: string
              clipId?: string
            }[]
            sourceId?: string
            /** @enum {unknown} */
            voice?: "north" | "central" | "south"
          }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["Alert"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/alert-templates": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          unitId?: string
          hazard?: "flood" | "storm" | "dam-release" | "fire" | "epidemic" | "missing-person" | "all-clear" | "other"
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["AlertTemplatePage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
      }
      /** @description Without `from`: hazard, title, level and text are needed. */
      requestBody: {
        content: {
          "application/json": {
            unitId: string
            from?: string
            /** @enum {unknown} */
            hazard?: "flood" | "storm" | "dam-release" | "fire" | "epidemic" | "missing-person" | "all-clear" | "other"
            title?: string
            /** @enum {unknown} */
            level?: 1 | 2 | 3 | 4 | 5
            text?: string
            /** @enum {unknown} */
            voice?: "north" | "central" | "south"
            recordings?: {
              language: string
              clipId: string
            }[]
            repeat?: {
              times: number
              everyHours: (1 | 2 | 3 | 4 | 6 | 8 | 12 | 24) | null
            }
            durationMs?: number
          }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["AlertTemplate"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/alert-templates/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["AlertTemplate"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    delete: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    patch: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": {
            /** @enum {unknown} */
            hazard?: "flood" | "storm" | "dam-release" | "fire" | "epidemic" | "missing-person" | "all-clear" | "other"
            title?: string
            /** @enum {unknown} */
            level?: 1 | 2 | 3 | 4 | 5
            text?: string
            /** @enum {unknown} */
            voice?: "north" | "central" | "south"
            recordings?: {
              language: string
              clipId: string
            }[]
            repeat?: {
              times: number
              everyHours: (1 | 2 | 3 | 4 | 6 | 8 | 12 | 24) | null
            }
            durationMs?: number
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["AlertTemplate"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/alert-rules": {
    get: {
      responses: {
        200: {
          content: { "application/json": components["schemas"]["AlertRuleList"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/alert-rules/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["AlertRules"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    delete: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    patch: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": {
            twoPersons?: {
              kinds: ("real" | "exercise" | "test")[]
              /** @enum {unknown} */
              level: 1 | 2 | 3 | 4 | 5
              clusters: number
            }[]
            waitMs?: number
            breakGlass?: boolean
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["AlertRules"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/cap": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          outcome?: "working" | "on-air" | "waiting" | "cancelled" | "kept" | "refused"
          senderId?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["CapMessagePage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      /** @description One `alert` of the namespace urn:oasis:names:tc:emergency:cap:1.2, XML 1.0 in UTF-8, at most 4 MiB, without DOCTYPE and processing instructions; signed with an enveloped XML Signature if anything is to come of it without a hand. */
      requestBody: {
        content: { "application/cap+xml": string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["CapMessage"] }
        }
        201: {
          content: { "application/json": components["schemas"]["CapMessage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/cap/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["CapMessage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/cap/{id}/xml": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/cap+xml": string }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/cap-senders": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["CapSenderPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
      }
      requestBody: {
        content: {
          "application/json": {
            name: string
            sender: string
            keys: string[]
            unitId: string
            preAuthorisedUnitIds?: string[]
            geocodeNames?: string[]
            mostPerHour?: number
            enabled?: boolean
          }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["CapSender"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/cap-senders/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["CapSender"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    delete: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    patch: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": {
            name?: string
            sender?: string
            keys?: string[]
            unitId?: string
            preAuthorisedUnitIds?: string[]
            geocodeNames?: string[]
            mostPerHour?: number
            enabled?: boolean
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["CapSender"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/cap-feeds": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["CapFeedPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
      }
      requestBody: {
        content: {
          "application/json": {
            name: string
            senderId: string
            url: string
            intervalMs?: number
            enabled?: boolean
          }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["CapFeed"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/cap-feeds/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["CapFeed"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    delete: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    patch: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": {
            name?: string
            senderId?: string
            url?: string
            intervalMs?: number
            enabled?: boolean
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["CapFeed"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/cap-feeds/{id}/poll": {
    post: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["CapFeed"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/alerts/{id}/cap": {
    get: {
      parameters: {
        query?: { latest?: boolean }
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/cap+xml": string }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/cap/feed.atom": {
    get: {
      responses: {
        200: {
          content: { "application/atom+xml": string }
        }
        304: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/cap/certificate.pem": {
    get: {
      responses: {
        200: {
          content: { "application/x-pem-file": string }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/schedule-items": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          enabled?: boolean
          asking?: boolean
          unitId?: string
          search?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ScheduleItemPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
      }
      /** @description Either `sourceId` or `clipIds`. Defaults: today, once, zone Asia/Ho_Chi_Minh. */
      requestBody: {
        content: {
          "application/json": {
            title: string
            /** @enum {unknown} */
            class: "priority" | "normal"
            sourceId?: string
            clipIds?: string[]
            durationMs?: number | null
            targets: {
              units?: string[]
              clusters?: string[]
              tags?: string[]
              groups?: string[]
            }
            issuer?: string
            field?: ("general" | "sudden" | "law" | "steering" | "knowledge" | "good-deeds") | null
            rank?: number
            /** @enum {unknown} */
            resume?: "continue" | "skip"
            zone?: string
            time: string
            firstDay?: string
            lastDay?: string | null
            repeat?: {
              /** @enum {unknown} */
              kind: "once" | "daily" | "weekly" | "monthly" | "dates" | "lunar" | "rule"
              every?: number
              weekdays?: ("MO" | "TU" | "WE" | "TH" | "FR" | "SA" | "SU")[]
              days?: number[]
              months?: number[]
              dates?: string[]
              rrule?: string
            }
            except?: string[]
            /** @enum {unknown} */
            holidays?: "play" | "skip" | "only"
            plays?: number
            gapMs?: number
            /** @enum {unknown} */
            missed?: "join" | "skip" | "late"
            lateLimitMs?: number
            enabled?: boolean
            ask?: string | null
            mixing?: {
              over?: {
                duckDb?: number
                attackMs?: number
                releaseMs?: number
              } | null
              introClipId?: string | null
              outroClipId?: string | null
              crossfadeMs?: number
            } | null
            acceptCollisions?: boolean
            reason?: string
          }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["ScheduleItem"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/schedule-items/check": {
    post: {
      /** @description A new item in full, or a change of one. */
      requestBody: {
        content: {
          "application/json": {
            title?: string
            /** @enum {unknown} */
            class?: "priority" | "normal"
            sourceId?: string
            clipIds?: string[]
            durationMs?: number | null
            targets?: {
              units?: string[]
              clusters?: string[]
              tags?: string[]
              groups?: string[]
            }
            issuer?: string
            field?: ("general" | "sudden" | "law" | "steering" | "knowledge" | "good-deeds") | null
            rank?: number
            /** @enum {unknown} */
            resume?: "continue" | "skip"
            zone?: string
            time?: string
            firstDay?: string
            lastDay?: string | null
            repeat?: {
              /** @enum {unknown} */
              kind: "once" | "daily" | "weekly" | "monthly" | "dates" | "lunar" | "rule"
              every?: number
              weekdays?: ("MO" | "TU" | "WE" | "TH" | "FR" | "SA" | "SU")[]
              days?: number[]
              months?: number[]
              dates?: string[]
              rrule?: string
            }
            except?: string[]
            /** @enum {unknown} */
            holidays?: "play" | "skip" | "only"
            plays?: number
            gapMs?: number
            /** @enum {unknown} */
            missed?: "join" | "skip" | "late"
            lateLimitMs?: number
            enabled?: boolean
            ask?: string | null
            mixing?: {
              over?: {
                duckDb?: number
                attackMs?: number
                releaseMs?: number
              } | null
              introClipId?: string | null
              outroClipId?: string | null
              crossfadeMs?: number
            } | null
            itemId?: string
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["CollisionList"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/schedule-items/export": {
    get: {
      parameters: {
        query?: {
          format?: "ics" | "xlsx" | "csv"
          lang?: "vi" | "en"
          enabled?: boolean
          asking?: boolean
          unitId?: string
          search?: string
        }
      }
      responses: {
        200: {
          content: {
            "text/calendar": string
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string
            "text/csv": string
          }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/schedule-items/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ScheduleItem"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    delete: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    patch: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": {
            title?: string
            /** @enum {unknown} */
            class?: "priority" | "normal"
            sourceId?: string
            clipIds?: string[]
            durationMs?: number | null
            targets?: {
              units?: string[]
              clusters?: string[]
              tags?: string[]
              groups?: string[]
            }
            issuer?: string
            field?: ("general" | "sudden" | "law" | "steering" | "knowledge" | "good-deeds") | null
            rank?: number
            /** @enum {unknown} */
            resume?: "continue" | "skip"
            zone?: string
            time?: string
            firstDay?: string
            lastDay?: string | null
            repeat?: {
              /** @enum {unknown} */
              kind: "once" | "daily" | "weekly" | "monthly" | "dates" | "lunar" | "rule"
              every?: number
              weekdays?: ("MO" | "TU" | "WE" | "TH" | "FR" | "SA" | "SU")[]
              days?: number[]
              months?: number[]
              dates?: string[]
              rrule?: string
            }
            except?: string[]
            /** @enum {unknown} */
            holidays?: "play" | "skip" | "only"
            plays?: number
            gapMs?: number
            /** @enum {unknown} */
            missed?: "join" | "skip" | "late"
            lateLimitMs?: number
            enabled?: boolean
            ask?: string | null
            mixing?: {
              over?: {
                duckDb?: number
                attackMs?: number
                releaseMs?: number
              } | null
              introClipId?: string | null
              outroClipId?: string | null
              crossfadeMs?: number
            } | null
            acceptCollisions?: boolean
            reason?: string
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ScheduleItem"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/schedule-items/{id}/plays": {
    get: {
      parameters: {
        query?: {
          from?: string
          to?: string
        }
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["SchedulePlays"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/schedule-plays": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          from?: string
          to?: string
          unitId?: string
          clusterId?: string
          enabled?: boolean
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ScheduledItemPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clusters/{id}/schedule": {
    get: {
      parameters: {
        query?: {
          day?: string
          zone?: string
        }
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ClusterDay"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/units/{id}/policy": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["UnitPolicy"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    patch: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": {
            windows?: {
              weekdays?: ("MO" | "TU" | "WE" | "TH" | "FR" | "SA" | "SU")[] | null
              from: string
              to: string
            }[] | null
            quiet?: {
              weekdays?: ("MO" | "TU" | "WE" | "TH" | "FR" | "SA" | "SU")[] | null
              from: string
              to: string
            }[] | null
            playMs?: number | null
            dayMs?: number | null
            volume?: {
              weekdays?: ("MO" | "TU" | "WE" | "TH" | "FR" | "SA" | "SU")[] | null
              from: string
              to: string
              percent: number
            }[] | null
            levelFrames?: {
              name: string
              level: number
              from: string
              to: string
              weekdays?: ("MO" | "TU" | "WE" | "TH" | "FR" | "SA" | "SU")[] | null
            }[] | null
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["UnitPolicy"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/policy-breaches/export": {
    get: {
      parameters: {
        query?: {
          format?: "xlsx" | "csv"
          lang?: "vi" | "en"
        }
      }
      responses: {
        200: {
          content: {
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string
            "text/csv": string
          }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/policy-breaches": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["PolicyBreachPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/rtp-outputs": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          clusterId?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["RtpOutputPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
      }
      /** @description left out: opus, 20 ms (l16: 10), TTL 1, DSCP 46, no interface, announced if multicast */
      requestBody: {
        content: {
          "application/json": {
            name: string
            hears: { clusterId: string }
            /** @enum {unknown} */
            mode: "multicast" | "unicast"
            address: string
            port: number
            /** @enum {unknown} */
            codec?: "opus" | "l16" | "pcmu"
            /** @enum {unknown} */
            ptimeMs?: 10 | 20 | 40 | 60
            ttl?: number
            dscp?: number
            interface?: string | null
            sap?: boolean
          }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["RtpOutput"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/rtp-outputs/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["RtpOutput"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    delete: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/rtp-outputs/{id}/sdp": {
    get: {
      parameters: {
        query?: { access_token?: string }
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/sdp": string }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/rtp-announcements": {
    get: {
      responses: {
        200: {
          content: { "application/json": components["schemas"]["RtpAnnouncements"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/alarms": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          unitId?: string
          severity?: "info" | "warning" | "critical"
          rule?: "cluster-lost" | "cluster-silent" | "cluster-out-of-step" | "cluster-power" | "cluster-equipment" | "source-down" | "source-silent" | "source-clipping" | "emergency-unproved" | "process-restarts" | "disk" | "integrity" | "certificate" | "clock-step" | "notifications-stuck" | "backup-old" | "recording" | "source-last-input" | "source-wrong-keys" | "phone-lockout" | "phone-line" | "source-faulty"
          state?: "open" | "unacknowledged" | "cleared"
          subjectId?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["AlarmPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/alarms/counts": {
    get: {
      parameters: {
        query?: { unitId?: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["AlarmCounts"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/alarms/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Alarm"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/alarms/{id}/acknowledge": {
    post: {
      parameters: {
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": { note?: string | null }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Alarm"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/alarm-rules": {
    get: {
      parameters: {
        query?: { unitId?: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["AlarmRuleList"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/alarm-rules/{rule}": {
    get: {
      parameters: {
        query?: { unitId?: string }
        path: { rule: "cluster-lost" | "cluster-silent" | "cluster-out-of-step" | "cluster-power" | "cluster-equipment" | "source-down" | "source-silent" | "source-clipping" | "emergency-unproved" | "process-restarts" | "disk" | "integrity" | "certificate" | "clock-step" | "notifications-stuck" | "backup-old" | "recording" | "source-last-input" | "source-wrong-keys" | "phone-lockout" | "phone-line" | "source-faulty" }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["AlarmRule"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    patch: {
      parameters: {
        header?: { "if-match"?: string }
        path: { rule: "cluster-lost" | "cluster-silent" | "cluster-out-of-step" | "cluster-power" | "cluster-equipment" | "source-down" | "source-silent" | "source-clipping" | "emergency-unproved" | "process-restarts" | "disk" | "integrity" | "certificate" | "clock-step" | "notifications-stuck" | "backup-old" | "recording" | "source-last-input" | "source-wrong-keys" | "phone-lockout" | "phone-line" | "source-faulty" }
      }
      /** @description null: as above, again */
      requestBody: {
        content: {
          "application/json": {
            unitId?: string | null
            enabled?: boolean | null
            severity?: ("info" | "warning" | "critical") | null
            holdMs?: number | null
            clearMs?: number | null
            threshold?: number | null
            escalateAfterMs?: number[] | null
            opensTicket?: boolean | null
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["AlarmRule"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/notification-channels": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["NotificationChannelPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
      }
      requestBody: {
        content: {
          "application/json": {
            name: string
            unitId?: string | null
            /** @enum {unknown} */
            kind: "webhook" | "email" | "file"
            url?: string
            to?: string[]
            file?: string
            /** @enum {unknown} */
            minSeverity?: "info" | "warning" | "critical"
            rules?: ("cluster-lost" | "cluster-silent" | "cluster-out-of-step" | "cluster-power" | "cluster-equipment" | "source-down" | "source-silent" | "source-clipping" | "emergency-unproved" | "process-restarts" | "disk" | "integrity" | "certificate" | "clock-step" | "notifications-stuck" | "backup-old" | "recording" | "source-last-input" | "source-wrong-keys" | "phone-lockout" | "phone-line" | "source-faulty")[] | null
            level?: number
            enabled?: boolean
          }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["NotificationChannelWithSecret"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/notification-channels/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["NotificationChannel"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    delete: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    patch: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": {
            name?: string
            url?: string
            to?: string[]
            /** @enum {unknown} */
            minSeverity?: "info" | "warning" | "critical"
            rules?: ("cluster-lost" | "cluster-silent" | "cluster-out-of-step" | "cluster-power" | "cluster-equipment" | "source-down" | "source-silent" | "source-clipping" | "emergency-unproved" | "process-restarts" | "disk" | "integrity" | "certificate" | "clock-step" | "notifications-stuck" | "backup-old" | "recording" | "source-last-input" | "source-wrong-keys" | "phone-lockout" | "phone-line" | "source-faulty")[] | null
            level?: number
            enabled?: boolean
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["NotificationChannel"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/notification-channels/{id}/rotate-secret": {
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["NotificationChannelWithSecret"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/notification-channels/{id}/test": {
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
        path: { id: string }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["Notification"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/notifications": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          channelId?: string
          alarmId?: string
          state?: "pending" | "delivered" | "dead"
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["NotificationPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/notifications/{id}/retry": {
    post: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Notification"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/tickets": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          unitId?: string
          clusterId?: string
          alarmId?: string
          state?: "open" | "assigned" | "on-site" | "waiting-part" | "done" | "cancelled" | "unfinished"
          assignee?: string
          from?: string
          to?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["TicketPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
      }
      requestBody: {
        content: {
          "application/json": {
            title: string
            unitId?: string
            clusterId?: string
            alarmId?: string
            /** @enum {unknown} */
            severity?: "info" | "warning" | "critical"
            assignee?: string | null
            note?: string
          }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["Ticket"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/tickets/export": {
    get: {
      parameters: {
        query?: {
          unitId?: string
          clusterId?: string
          alarmId?: string
          state?: "open" | "assigned" | "on-site" | "waiting-part" | "done" | "cancelled" | "unfinished"
          assignee?: string
          from?: string
          to?: string
          format?: "xlsx" | "csv"
          lang?: "vi" | "en"
        }
      }
      responses: {
        200: {
          content: {
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string
            "text/csv": string
          }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/ticket-figures": {
    get: {
      parameters: {
        query: {
          unitId?: string
          from: string
          to: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["TicketFigures"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/tickets/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Ticket"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    patch: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": {
            title?: string
            /** @enum {unknown} */
            severity?: "info" | "warning" | "critical"
            /** @enum {unknown} */
            state?: "open" | "assigned" | "on-site" | "waiting-part" | "done" | "cancelled"
            assignee?: string | null
            parts?: {
              name: string
              quantity: number
              costVnd: number | null
            }[]
            labourVnd?: number | null
            note?: string
            outOfUse?: boolean
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Ticket"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/tickets/{id}/events": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["TicketEventList"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/sync": {
    get: {
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Sync"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clusters/{id}/speaker": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Speaker"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/acoustics/offsets": {
    get: {
      parameters: {
        query: {
          lat: number
          lon: number
          radiusM?: number
          unitId?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["AcousticOffsets"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/staggered-orders": {
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
      }
      requestBody: {
        content: {
          "application/json": {
            title: string
            clipIds: string[]
            targets: {
              units?: string[]
              clusters?: string[]
              tags?: string[]
              groups?: string[]
            }
            startsAt?: string
            radiusM?: number
            pauseMs?: number
            issuer?: string
            tone?: boolean
          }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["StaggeredOrder"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/tokens": {
    get: {
      responses: {
        200: {
          content: { "application/json": components["schemas"]["TokenList"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
      }
      requestBody: {
        content: {
          "application/json": {
            name: string
            roles: {
              /** @enum {unknown} */
              role: "viewer" | "writer" | "editor" | "operator" | "technician" | "emergency-officer" | "administrator" | "auditor" | "cap-sender"
              unitId: string | null
            }[]
            expiresAt?: string
          }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["TokenWithSecret"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/tokens/{id}": {
    delete: {
      parameters: {
        path: { id: string }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/users": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["UserPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
      }
      requestBody: {
        content: {
          "application/json": {
            login: string
            name: string
            password: string
            roles: {
              /** @enum {unknown} */
              role: "viewer" | "writer" | "editor" | "operator" | "technician" | "emergency-officer" | "administrator" | "auditor" | "cap-sender"
              unitId: string | null
            }[]
          }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["User"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/users/export": {
    get: {
      parameters: {
        query?: {
          format?: "xlsx" | "csv"
          lang?: "vi" | "en"
        }
      }
      responses: {
        200: {
          content: {
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string
            "text/csv": string
          }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/users/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["User"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    delete: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    patch: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": {
            name?: string
            roles?: {
              /** @enum {unknown} */
              role: "viewer" | "writer" | "editor" | "operator" | "technician" | "emergency-officer" | "administrator" | "auditor" | "cap-sender"
              unitId: string | null
            }[]
            password?: string
            enabled?: boolean
            /** @enum {boolean} */
            secondFactor?: false
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["User"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/sessions": {
    get: {
      responses: {
        200: {
          content: { "application/json": components["schemas"]["SessionList"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      requestBody: {
        content: {
          "application/json": {
            login: string
            password: string
            code?: string
            /** @enum {unknown} */
            as?: "cookie" | "token"
          }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["NewSession"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/sessions/{id}": {
    delete: {
      parameters: {
        path: { id: string }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/me": {
    get: {
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Me"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/me/password": {
    post: {
      requestBody: {
        content: {
          "application/json": {
            password: string
            newPassword: string
          }
        }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/me/second-factor": {
    post: {
      requestBody: {
        content: {
          "application/json": { password: string }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["NewSecondFactor"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/me/second-factor/confirm": {
    post: {
      requestBody: {
        content: {
          "application/json": { code: string }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["RecoveryCodes"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/me/second-factor/remove": {
    post: {
      requestBody: {
        content: {
          "application/json": { password: string }
        }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/audit-log": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          from?: string
          to?: string
          tokenId?: string
          route?: string
          result?: "done" | "refused"
          targetId?: string
          unitId?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["AuditLogPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/audit-log/export": {
    get: {
      parameters: {
        query?: {
          format?: "csv" | "ndjson"
          from?: string
          to?: string
          tokenId?: string
          route?: string
          result?: "done" | "refused"
          targetId?: string
          unitId?: string
        }
      }
      responses: {
        200: {
          content: {
            "application/x-ndjson": string
            "text/csv": string
          }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/air-log": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          from?: string
          to?: string
          unitId?: string
          clusterId?: string
          orderId?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["AirLogPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/air-log/export": {
    get: {
      parameters: {
        query?: {
          format?: "csv" | "ndjson"
          from?: string
          to?: string
          unitId?: string
          clusterId?: string
          orderId?: string
        }
      }
      responses: {
        200: {
          content: {
            "application/x-ndjson": string
            "text/csv": string
          }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/log-checkpoints": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["LogCheckpointPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/figures": {
    get: {
      parameters: {
        query: {
          from: string
          to: string
          unitId?: string
          by: "unit" | "source" | "field" | "class" | "day" | "week" | "month" | "quarter" | "year"
          map?: "then" | "now"
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Figures"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/figures/export": {
    get: {
      parameters: {
        query: {
          from: string
          to: string
          unitId?: string
          by: "unit" | "source" | "field" | "class" | "day" | "week" | "month" | "quarter" | "year"
          map?: "then" | "now"
          lang?: "vi" | "en"
          format?: "csv" | "xlsx"
        }
      }
      responses: {
        200: {
          content: {
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string
            "text/csv": string
          }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/figures/entries": {
    get: {
      parameters: {
        query: {
          limit?: number
          cursor?: string
          from: string
          to: string
          unitId?: string
          by: "unit" | "source" | "field" | "class" | "day" | "week" | "month" | "quarter" | "year"
          map?: "then" | "now"
          key: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["AirLogPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/orders/{id}/proof": {
    get: {
      parameters: {
        query?: { limit?: number }
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ProofBoard"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/orders/{id}/report": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ReportAnswer"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/orders/{id}/report/export": {
    get: {
      parameters: {
        query?: { format?: "json" | "csv" | "xlsx" | "html" }
        path: { id: string }
      }
      responses: {
        200: {
          content: {
            "application/json": components["schemas"]["OrderReport"]
            "text/html": string
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string
            "text/csv": string
          }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/reports": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ReportPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/alerts/{id}/proof": {
    get: {
      parameters: {
        query?: { limit?: number }
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ProofBoard"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/alerts/{id}/report": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["AlertReport"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/alerts/{id}/report/export": {
    get: {
      parameters: {
        query?: { format?: "json" | "csv" | "xlsx" | "html" }
        path: { id: string }
      }
      responses: {
        200: {
          content: {
            "application/json": components["schemas"]["AlertReport"]
            "text/html": string
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string
            "text/csv": string
          }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/status": {
    get: {
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Status"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/setup": {
    get: {
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Setup"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/healthz": {
    get: {
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Health"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/readyz": {
    get: {
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Readiness"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/metrics": {
    get: {
      responses: {
        200: {
          content: { "text/plain": string }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/server-health": {
    get: {
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ServerHealth"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/log-verification": {
    get: {
      responses: {
        200: {
          content: { "application/json": components["schemas"]["LogVerificationState"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      responses: {
        202: {
          content: { "application/json": components["schemas"]["LogVerification"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/backups": {
    get: {
      responses: {
        200: {
          content: { "application/json": components["schemas"]["BackupState"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      requestBody: {
        content: {
          "application/json": {
            password: string
            code?: string
          }
        }
      }
      responses: {
        202: {
          content: { "application/json": components["schemas"]["Backup"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/backups/{id}/file": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/x-tar": string }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clusters/{id}/state": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ClusterState"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clusters/{id}/state-history": {
    get: {
      parameters: {
        query?: {
          from?: string
          to?: string
        }
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["StateHistory"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clusters/{id}/measurements": {
    get: {
      parameters: {
        query?: {
          from?: string
          to?: string
          stepMs?: number
        }
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["Measurements"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/clusters/{id}/measurements/export": {
    get: {
      parameters: {
        query?: {
          format?: "xlsx" | "csv"
          lang?: "vi" | "en"
          from?: string
          to?: string
          stepMs?: number
        }
        path: { id: string }
      }
      responses: {
        200: {
          content: {
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string
            "text/csv": string
          }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/cluster-states": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          unit?: string
          state?: "lost" | "silent" | "out-of-step" | "muted" | "unknown" | "never-seen" | "playing" | "idle" | "out-of-use"
          condition?: "amplifier-off" | "storage-fault" | "off-mains" | "hot" | "wrong-clock" | "weak-signal" | "unverified" | "out-of-step" | "no-status" | "not-synchronised"
          technology?: "ip" | "fm" | "wired" | "unknown"
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ClusterStatePage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/cluster-states/counts": {
    get: {
      responses: {
        200: {
          content: { "application/json": components["schemas"]["StateCounts"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/units/{id}/state": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["UnitState"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/cluster-board": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          unit?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ClusterBoard"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/console": {
    get: {
      responses: {
        200: {
          content: { "application/json": components["schemas"]["ConsoleSettings"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/monitors": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["MonitorListenerPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/monitor-passes": {
    post: {
      requestBody: {
        content: {
          "application/json": { sourceId: string } | { clusterId: string }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["MonitorPass"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/availability": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          unit?: string
          cluster?: string
          by?: "total" | "unit" | "cluster"
          period?: "day" | "month" | "year"
          from?: string
          to?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["AvailabilityPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/availability/export": {
    get: {
      parameters: {
        query?: {
          unit?: string
          cluster?: string
          by?: "total" | "unit" | "cluster"
          period?: "day" | "month" | "year"
          from?: string
          to?: string
          format?: "xlsx" | "csv"
          lang?: "vi" | "en"
        }
      }
      responses: {
        200: {
          content: {
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string
            "text/csv": string
          }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/events": {
    get: {
      parameters: {
        query?: {
          types?: string
          lastEventId?: string
          access_token?: string
        }
      }
      responses: {
        200: {
          content: { "text/event-stream": string }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/phone/lines": {
    get: {
      responses: {
        200: {
          content: { "application/json": components["schemas"]["PhoneLines"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/phone/calls": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          live?: boolean
          userId?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["PhoneCallPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/phone/calls/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["PhoneCall"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/phone/calls/{id}/recording": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "audio/ogg": string }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/phone/calls/{id}/hang-up": {
    post: {
      parameters: {
        path: { id: string }
      }
      responses: {
        202: {
          content: { "application/json": components["schemas"]["PhoneCall"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/phone/keys": {
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          unitId?: string
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["PhoneKeyPage"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    post: {
      parameters: {
        header?: { "idempotency-key"?: string }
      }
      requestBody: {
        content: {
          "application/json": {
            unitId: string
            userId?: string | null
            key: string
            name: string
            targets: {
              units?: string[]
              clusters?: string[]
              tags?: string[]
              groups?: string[]
            }
            /** @enum {unknown} */
            class: "emergency" | "priority" | "normal"
            content: {
              /** @enum {string} */
              kind: "live"
              sourceId: string
            } | {
              /** @enum {string} */
              kind: "template"
              templateId: string
              slots?: { [key: string]: string }
            }
            alert?: {
              /** @enum {unknown} */
              kind: "real" | "exercise" | "test"
              /** @enum {unknown} */
              hazard?: "flood" | "storm" | "dam-release" | "fire" | "epidemic" | "missing-person" | "all-clear" | "other"
              /** @enum {unknown} */
              level?: 1 | 2 | 3 | 4 | 5
            } | null
            mostMs?: number | null
            /** @enum {unknown} */
            onHangUp?: "stop" | "keep"
          }
        }
      }
      responses: {
        201: {
          content: { "application/json": components["schemas"]["PhoneKey"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/phone/keys/{id}": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["PhoneKey"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    put: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": {
            unitId: string
            userId?: string | null
            key: string
            name: string
            targets: {
              units?: string[]
              clusters?: string[]
              tags?: string[]
              groups?: string[]
            }
            /** @enum {unknown} */
            class: "emergency" | "priority" | "normal"
            content: {
              /** @enum {string} */
              kind: "live"
              sourceId: string
            } | {
              /** @enum {string} */
              kind: "template"
              templateId: string
              slots?: { [key: string]: string }
            }
            alert?: {
              /** @enum {unknown} */
              kind: "real" | "exercise" | "test"
              /** @enum {unknown} */
              hazard?: "flood" | "storm" | "dam-release" | "fire" | "epidemic" | "missing-person" | "all-clear" | "other"
              /** @enum {unknown} */
              level?: 1 | 2 | 3 | 4 | 5
            } | null
            mostMs?: number | null
            /** @enum {unknown} */
            onHangUp?: "stop" | "keep"
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["PhoneKey"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    delete: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/me/phone-pin": {
    get: {
      responses: {
        200: {
          content: { "application/json": components["schemas"]["PhonePin"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    put: {
      requestBody: {
        content: {
          "application/json": {
            pin: string
            unitId: string
            /** @enum {unknown} */
            language?: "vi" | "en"
            needsCode?: boolean
            callerIds?: string[]
            password: string
            code?: string
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["PhonePin"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/me/phone-pin/remove": {
    post: {
      requestBody: {
        content: {
          "application/json": {
            password: string
            code?: string
          }
        }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
  "/v1/users/{id}/phone-pin": {
    get: {
      parameters: {
        path: { id: string }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["PhonePin"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    put: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      requestBody: {
        content: {
          "application/json": {
            pin: string
            unitId: string
            /** @enum {unknown} */
            language?: "vi" | "en"
            needsCode?: boolean
            callerIds?: string[]
          }
        }
      }
      responses: {
        200: {
          content: { "application/json": components["schemas"]["PhonePin"] }
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
    delete: {
      parameters: {
        header?: { "if-match"?: string }
        path: { id: string }
      }
      responses: {
        204: {
        }
        default: {
          content: { "application/problem+json": components["schemas"]["Problem"] }
        }
      }
    }
  }
}
export interface components {
  schemas: {
    Problem: {
      type: string
      title: string
      titleVi: string
      titleEn: string
      status: number
      code: string
      detail: string
      detailVi: string
      detailEn: string
      instance: string
      requestId: string
      errors?: {
        path: string
        message: string
        messageVi: string
        messageEn: string
      }[]
    }
    RtpStream: {
      group: string | null
      port: number
      /** @enum {unknown} */
      codec: "opus" | "l16" | "l24"
      payloadType: number
      sampleRateHz: number
      channels: number
    }
    RtpAnnouncement: {
      session: string
      name: string
      sdp: string
      stream: {
        group: string | null
        port: number
        /** @enum {unknown} */
        codec: "opus" | "l16" | "l24"
        payloadType: number
        sampleRateHz: number
        channels: number
      } | null
      senders: string[] | null
      fault: string
      faultVi: string
      faultEn?: string
    }
    RtpAnnouncements: {
      listening: boolean
      items: components["schemas"]["RtpAnnouncement"][]
    }
    Unit: {
      id: string
      code: string
      name: string
      parentId: string | null
      level: number
      presentationDelayMs: number | null
      people: number | null
      contact: {
        name: string
        phone: string
      } | null
      createdAt: string
      endedAt: string | null
      successorIds: string[]
    }
    UnitPage: {
      items: components["schemas"]["Unit"][]
      nextCursor: string | null
    }
    UnitChange: {
      id: string
      at: string
      note: string | null
      steps: ({
        /** @enum {string} */
        kind: "rename"
        unitId: string
        code?: string
        name?: string
      } | {
        /** @enum {string} */
        kind: "move"
        unitId: string
        parentId: string | null
      } | {
        /** @enum {string} */
        kind: "merge"
        unitIds: string[]
        into: string | {
          code: string
          name: string
          parentId?: string | null
        }
      } | {
        /** @enum {string} */
        kind: "split"
        unitId: string
        parts: {
          into: string | {
            code: string
            name: string
            parentId?: string | null
          }
          clusterIds: string[]
          unitIds: string[]
        }[]
        remains: boolean
      } | {
        /** @enum {string} */
        kind: "end"
        unitId: string
      })[]
      /** @enum {unknown} */
      state: "planned" | "done" | "cancelled" | "failed"
      result: {
        createdIds: string[]
        endedIds: string[]
        clustersMoved: number
      } | null
      problem: {
        detail: string
        detailVi: string
        detailEn?: string
      } | null
      createdAt: string
      createdBy: string
    }
    UnitChangePage: {
      items: components["schemas"]["UnitChange"][]
      nextCursor: string | null
    }
    UnitVersion: {
      unitId: string
      code: string
      name: string
      parentId: string | null
      from: string
      until: string | null
    }
    UnitMapPage: {
      items: components["schemas"]["UnitVersion"][]
      nextCursor: string | null
    }
    UnitHistory: {
      versions: components["schemas"]["UnitVersion"][]
      predecessorIds: string[]
      successorIds: string[]
    }
    ClusterUnits: {
      items: {
        unitId: string
        from: string
        until: string | null
      }[]
    }
    Cluster: {
      id: string
      unitId: string
      code: string
      name: string
      tags: string[]
      position: {
        lat: number
        lon: number
      } | null
      enabled: boolean
      /** @enum {unknown} */
      state: "planned" | "active" | "repair" | "retired"
      equipment: {
        technology: ("ip" | "fm" | "wired") | null
        imei: string | null
        sim: string | null
        maker: string | null
        model: string | null
        amplifier: string | null
        loudspeakers: number | null
        buildYear: number | null
        depreciatedOn: string | null
        keeper: string | null
        keeperPhone: string | null
      }
      online: boolean
      keyChangedAt: string
      createdAt: string
    }
    ClusterImport: {
      dryRun: boolean
      rows: number
      created: number
      updated: number
      unchanged: number
      badRows: number
      changes: {
        line: number
        code: string
        name: string
        clusterId: string | null
        cells: {
          column: string
          before: (string | number) | null
          after: string | number
        }[]
      }[]
      errors: {
        line: number
        column: string | null
        message: string
        messageVi: string
        messageEn?: string
      }[]
    }
    ClusterWithKey: {
      id: string
      unitId: string
      code: string
      name: string
      tags: string[]
      position: {
        lat: number
        lon: number
      } | null
      enabled: boolean
      /** @enum {unknown} */
      state: "planned" | "active" | "repair" | "retired"
      equipment: {
        technology: ("ip" | "fm" | "wired") | null
        imei: string | null
        sim: string | null
        maker: string | null
        model: string | null
        amplifier: string | null
        loudspeakers: number | null
        buildYear: number | null
        depreciatedOn: string | null
        keeper: string | null
        keeperPhone: string | null
      }
      online: boolean
      keyChangedAt: string
      createdAt: string
      key: string
    }
    ClusterPage: {
      items: components["schemas"]["Cluster"][]
      nextCursor: string | null
    }
    ClusterOnAir: {
      clusterId: string
      onAir: {
        orderId: string
        /** @enum {unknown} */
        class: "emergency" | "priority" | "normal"
        title: string
        sourceId: string | null
        clipIds: string[] | null
        since: string
        until: string
        alert: {
          id: string
          /** @enum {unknown} */
          kind: "real" | "exercise" | "test"
          /** @enum {unknown} */
          level: 1 | 2 | 3 | 4 | 5
        } | null
        under: {
          orderId: string
          /** @enum {unknown} */
          class: "priority" | "normal"
          title: string
          sourceId: string | null
        } | null
      } | null
      connections: {
        clusterId: string
        connectionId: string
        /** @enum {unknown} */
        protocol: "http" | "native"
        format: string
        remoteAddress: string
        since: string
      }[]
    }
    ClusterPhoto: {
      clusterId: string
      sha256: string
      sizeBytes: number
      createdAt: string
      createdBy: string
    }
    Group: {
      id: string
      name: string
      units: string[]
      tags: string[]
      area: ({
        /** @enum {string} */
        type: "Polygon"
        coordinates: number[][][]
      } | {
        /** @enum {string} */
        type: "MultiPolygon"
        coordinates: number[][][][]
      }) | null
      circles: {
        lat: number
        lon: number
        radiusM: number
      }[]
      /** @enum {unknown} */
      match: "any" | "all"
      createdAt: string
    }
    GroupPage: {
      items: components["schemas"]["Group"][]
      nextCursor: string | null
    }
    Selected: {
      clusterIds: string[]
      targeted: number
      online: number
    }
    TargetPreview: {
      targeted: number
      online: number
      people: {
        known: number | null
        units: number
        unknownUnits: number
      }
    }
    Command: {
      id: string
      /** @enum {unknown} */
      type: "volume" | "mute" | "restart-stream" | "identify" | "set-offset" | "set-frequency" | "amplifier" | "refresh-bundle" | "reboot"
      arguments: { [key: string]: number | boolean }
      targets: {
        units: string[]
        clusters: string[]
        tags: string[]
        groups: string[]
      }
      createdAt: string
      createdBy: string
      expiresAt: string
      clusters: {
        targeted: number
        delivered: number
        done: number
        refused: number
        failed: number
        waiting: number
        expired: number
      }
      problems: {
        clusterId: string
        /** @enum {unknown} */
        result: "refused" | "failed"
        reason: string | null
      }[]
    }
    CommandPage: {
      items: {
        id: string
        /** @enum {unknown} */
        type: "volume" | "mute" | "restart-stream" | "identify" | "set-offset" | "set-frequency" | "amplifier" | "refresh-bundle" | "reboot"
        arguments: { [key: string]: number | boolean }
        targets: {
          units: string[]
          clusters: string[]
          tags: string[]
          groups: string[]
        }
        createdAt: string
        createdBy: string
        expiresAt: string
        clusters: {
          targeted: number
          delivered: number
          done: number
          refused: number
          failed: number
          waiting: number
          expired: number
        }
      }[]
      nextCursor: string | null
    }
    CommandResult: {
      clusterId: string
      /** @enum {unknown} */
      state: "waiting" | "delivered" | "done" | "refused" | "failed" | "expired"
      reason: string | null
      deliveredAt: string | null
      answeredAt: string | null
    }
    CommandResultPage: {
      items: {
        clusterId: string
        /** @enum {unknown} */
        state: "waiting" | "delivered" | "done" | "refused" | "failed" | "expired"
        reason: string | null
        deliveredAt: string | null
        answeredAt: string | null
      }[]
      nextCursor: string | null
    }
    EnrolmentCode: {
      clusterId: string
      code: string
      expiresAt: string
    }
    EnrolmentCodes: {
      expiresAt: string
      items: {
        clusterId: string
        clusterCode: string
        name: string
        unitCode: string
        code: string
      }[]
    }
    Device: {
      id: string
      clusterId: string
      publicKey: string
      enrolledAt: string
      remoteAddress: string
      revokedAt: string | null
    }
    DeviceList: {
      items: {
        id: string
        clusterId: string
        publicKey: string
        enrolledAt: string
        remoteAddress: string
        revokedAt: string | null
      }[]
    }
    SigningKeyList: {
      items: {
        keyId: string
        publicKey: string
        notBefore: string
        notAfter: string | null
        signs: boolean
      }[]
    }
    Source: {
      id: string
      name: string
      unitId: string | null
      fallbackSourceId: string | null
      silenceTimeoutMs: number | null
      /** @enum {unknown} */
      levelling: "off" | "programme" | "speech"
      /** @enum {unknown} */
      watch: "all" | "silence" | "off"
      createdAt: string
      status: {
        /** @enum {unknown} */
        state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
        urlIndex: number | null
        peakDbfs: number | null
        rmsDbfs: number | null
        clippedPercent: number
        fault: {
          /** @enum {unknown} */
          code: "silence" | "noise-floor" | "dc" | "noise" | "stuck" | "clipping" | "wrong-format"
          title: string
          titleVi: string
          titleEn?: string
        } | null
        reason: string
        cause: components["schemas"]["SourceCause"] | null
        title: string
        receivedBytes: number | null
        standby: {
          inputSourceId: string | null
          inputs: {
            sourceId: string
            /** @enum {unknown} */
            state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
            fault: string | null
            goodForMs: number
            peakDbfs: number | null
            rmsDbfs: number | null
            receivedBytes: number | null
            reason: string
            cause: components["schemas"]["SourceCause"] | null
          }[]
        } | null
      } | null
      /** @enum {string} */
      kind: "icecast"
      mount: string
      /** @enum {unknown} */
      takeover: "refuse" | "replace"
      /** @enum {unknown} */
      acceptsFrom: "always" | "window"
      leadTimeMs: number
      tailMs: number
    } | {
      id: string
      name: string
      unitId: string | null
      fallbackSourceId: string | null
      silenceTimeoutMs: number | null
      /** @enum {unknown} */
      levelling: "off" | "programme" | "speech"
      /** @enum {unknown} */
      watch: "all" | "silence" | "off"
      createdAt: string
      status: {
        /** @enum {unknown} */
        state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
        urlIndex: number | null
        peakDbfs: number | null
        rmsDbfs: number | null
        clippedPercent: number
        fault: {
          /** @enum {unknown} */
          code: "silence" | "noise-floor" | "dc" | "noise" | "stuck" | "clipping" | "wrong-format"
          title: string
          titleVi: string
          titleEn?: string
        } | null
        reason: string
        cause: components["schemas"]["SourceCause"] | null
        title: string
        receivedBytes: number | null
        standby: {
          inputSourceId: string | null
          inputs: {
            sourceId: string
            /** @enum {unknown} */
            state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
            fault: string | null
            goodForMs: number
            peakDbfs: number | null
            rmsDbfs: number | null
            receivedBytes: number | null
            reason: string
            cause: components["schemas"]["SourceCause"] | null
          }[]
        } | null
      } | null
      /** @enum {string} */
      kind: "whip"
      path: string
      /** @enum {unknown} */
      takeover: "refuse" | "replace"
      /** @enum {unknown} */
      acceptsFrom: "always" | "window"
      leadTimeMs: number
      tailMs: number
      talkPath: string
    } | {
      id: string
      name: string
      unitId: string | null
      fallbackSourceId: string | null
      silenceTimeoutMs: number | null
      /** @enum {unknown} */
      levelling: "off" | "programme" | "speech"
      /** @enum {unknown} */
      watch: "all" | "silence" | "off"
      createdAt: string
      status: {
        /** @enum {unknown} */
        state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
        urlIndex: number | null
        peakDbfs: number | null
        rmsDbfs: number | null
        clippedPercent: number
        fault: {
          /** @enum {unknown} */
          code: "silence" | "noise-floor" | "dc" | "noise" | "stuck" | "clipping" | "wrong-format"
          title: string
          titleVi: string
          titleEn?: string
        } | null
        reason: string
        cause: components["schemas"]["SourceCause"] | null
        title: string
        receivedBytes: number | null
        standby: {
          inputSourceId: string | null
          inputs: {
            sourceId: string
            /** @enum {unknown} */
            state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
            fault: string | null
            goodForMs: number
            peakDbfs: number | null
            rmsDbfs: number | null
            receivedBytes: number | null
            reason: string
            cause: components["schemas"]["SourceCause"] | null
          }[]
        } | null
      } | null
      /** @enum {string} */
      kind: "relay"
      urls: string[]
    } | {
      id: string
      name: string
      unitId: string | null
      fallbackSourceId: string | null
      silenceTimeoutMs: number | null
      /** @enum {unknown} */
      levelling: "off" | "programme" | "speech"
      /** @enum {unknown} */
      watch: "all" | "silence" | "off"
      createdAt: string
      status: {
        /** @enum {unknown} */
        state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
        urlIndex: number | null
        peakDbfs: number | null
        rmsDbfs: number | null
        clippedPercent: number
        fault: {
          /** @enum {unknown} */
          code: "silence" | "noise-floor" | "dc" | "noise" | "stuck" | "clipping" | "wrong-format"
          title: string
          titleVi: string
          titleEn?: string
        } | null
        reason: string
        cause: components["schemas"]["SourceCause"] | null
        title: string
        receivedBytes: number | null
        standby: {
          inputSourceId: string | null
          inputs: {
            sourceId: string
            /** @enum {unknown} */
            state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
            fault: string | null
            goodForMs: number
            peakDbfs: number | null
            rmsDbfs: number | null
            receivedBytes: number | null
            reason: string
            cause: components["schemas"]["SourceCause"] | null
          }[]
        } | null
      } | null
      /** @enum {string} */
      kind: "tone"
      frequencyHz: number
      levelDbfs: number
    } | {
      id: string
      name: string
      unitId: string | null
      fallbackSourceId: string | null
      silenceTimeoutMs: number | null
      /** @enum {unknown} */
      levelling: "off" | "programme" | "speech"
      /** @enum {unknown} */
      watch: "all" | "silence" | "off"
      createdAt: string
      status: {
        /** @enum {unknown} */
        state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
        urlIndex: number | null
        peakDbfs: number | null
        rmsDbfs: number | null
        clippedPercent: number
        fault: {
          /** @enum {unknown} */
          code: "silence" | "noise-floor" | "dc" | "noise" | "stuck" | "clipping" | "wrong-format"
          title: string
          titleVi: string
          titleEn?: string
        } | null
        reason: string
        cause: components["schemas"]["SourceCause"] | null
        title: string
        receivedBytes: number | null
        standby: {
          inputSourceId: string | null
          inputs: {
            sourceId: string
            /** @enum {unknown} */
            state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
            fault: string | null
            goodForMs: number
            peakDbfs: number | null
            rmsDbfs: number | null
            receivedBytes: number | null
            reason: string
            cause: components["schemas"]["SourceCause"] | null
          }[]
        } | null
      } | null
      /** @enum {string} */
      kind: "rtp"
      stream: {
        group: string | null
        port: number
        /** @enum {unknown} */
        codec: "opus" | "l16" | "l24"
        payloadType: number
        sampleRateHz: number
        channels: number
      }
      senders: string[]
      interface: string | null
    } | {
      id: string
      name: string
      unitId: string | null
      fallbackSourceId: string | null
      silenceTimeoutMs: number | null
      /** @enum {unknown} */
      levelling: "off" | "programme" | "speech"
      /** @enum {unknown} */
      watch: "all" | "silence" | "off"
      createdAt: string
      status: {
        /** @enum {unknown} */
        state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
        urlIndex: number | null
        peakDbfs: number | null
        rmsDbfs: number | null
        clippedPercent: number
        fault: {
          /** @enum {unknown} */
          code: "silence" | "noise-floor" | "dc" | "noise" | "stuck" | "clipping" | "wrong-format"
          title: string
          titleVi: string
          titleEn?: string
        } | null
        reason: string
        cause: components["schemas"]["SourceCause"] | null
        title: string
        receivedBytes: number | null
        standby: {
          inputSourceId: string | null
          inputs: {
            sourceId: string
            /** @enum {unknown} */
            state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
            fault: string | null
            goodForMs: number
            peakDbfs: number | null
            rmsDbfs: number | null
            receivedBytes: number | null
            reason: string
            cause: components["schemas"]["SourceCause"] | null
          }[]
        } | null
      } | null
      /** @enum {string} */
      kind: "rtmp"
      /** @enum {unknown} */
      takeover: "refuse" | "replace"
      /** @enum {unknown} */
      acceptsFrom: "always" | "window"
      leadTimeMs: number
      tailMs: number
    } | {
      id: string
      name: string
      unitId: string | null
      fallbackSourceId: string | null
      silenceTimeoutMs: number | null
      /** @enum {unknown} */
      levelling: "off" | "programme" | "speech"
      /** @enum {unknown} */
      watch: "all" | "silence" | "off"
      createdAt: string
      status: {
        /** @enum {unknown} */
        state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
        urlIndex: number | null
        peakDbfs: number | null
        rmsDbfs: number | null
        clippedPercent: number
        fault: {
          /** @enum {unknown} */
          code: "silence" | "noise-floor" | "dc" | "noise" | "stuck" | "clipping" | "wrong-format"
          title: string
          titleVi: string
          titleEn?: string
        } | null
        reason: string
        cause: components["schemas"]["SourceCause"] | null
        title: string
        receivedBytes: number | null
        standby: {
          inputSourceId: string | null
          inputs: {
            sourceId: string
            /** @enum {unknown} */
            state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
            fault: string | null
            goodForMs: number
            peakDbfs: number | null
            rmsDbfs: number | null
            receivedBytes: number | null
            reason: string
            cause: components["schemas"]["SourceCause"] | null
          }[]
        } | null
      } | null
      /** @enum {string} */
      kind: "srt"
      port: number
      latencyMs: number
    } | {
      id: string
      name: string
      unitId: string | null
      fallbackSourceId: string | null
      silenceTimeoutMs: number | null
      /** @enum {unknown} */
      levelling: "off" | "programme" | "speech"
      /** @enum {unknown} */
      watch: "all" | "silence" | "off"
      createdAt: string
      status: {
        /** @enum {unknown} */
        state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
        urlIndex: number | null
        peakDbfs: number | null
        rmsDbfs: number | null
        clippedPercent: number
        fault: {
          /** @enum {unknown} */
          code: "silence" | "noise-floor" | "dc" | "noise" | "stuck" | "clipping" | "wrong-format"
          title: string
          titleVi: string
          titleEn?: string
        } | null
        reason: string
        cause: components["schemas"]["SourceCause"] | null
        title: string
        receivedBytes: number | null
        standby: {
          inputSourceId: string | null
          inputs: {
            sourceId: string
            /** @enum {unknown} */
            state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
            fault: string | null
            goodForMs: number
            peakDbfs: number | null
            rmsDbfs: number | null
            receivedBytes: number | null
            reason: string
            cause: components["schemas"]["SourceCause"] | null
          }[]
        } | null
      } | null
      /** @enum {string} */
      kind: "standby"
      inputSourceIds: string[]
      /** @enum {unknown} */
      return: "automatic" | "manual"
      returnAfterMs: number
      pinned: {
        inputSourceId: string
        force: boolean
      } | null
    } | {
      id: string
      name: string
      unitId: string | null
      fallbackSourceId: string | null
      silenceTimeoutMs: number | null
      /** @enum {unknown} */
      levelling: "off" | "programme" | "speech"
      /** @enum {unknown} */
      watch: "all" | "silence" | "off"
      createdAt: string
      status: {
        /** @enum {unknown} */
        state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
        urlIndex: number | null
        peakDbfs: number | null
        rmsDbfs: number | null
        clippedPercent: number
        fault: {
          /** @enum {unknown} */
          code: "silence" | "noise-floor" | "dc" | "noise" | "stuck" | "clipping" | "wrong-format"
          title: string
          titleVi: string
          titleEn?: string
        } | null
        reason: string
        cause: components["schemas"]["SourceCause"] | null
        title: string
        receivedBytes: number | null
        standby: {
          inputSourceId: string | null
          inputs: {
            sourceId: string
            /** @enum {unknown} */
            state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
            fault: string | null
            goodForMs: number
            peakDbfs: number | null
            rmsDbfs: number | null
            receivedBytes: number | null
            reason: string
            cause: components["schemas"]["SourceCause"] | null
          }[]
        } | null
      } | null
      /** @enum {string} */
      kind: "phone"
    }
    SourceCause: {
      /** @enum {unknown} */
      code: "no-studio" | "studio-gone" | "studio-quiet" | "studio-stopped" | "taken-over" | "key-revoked" | "outside-window" | "unreadable" | "decoder-failed" | "decoder-ended" | "decoder-missing" | "stream-ended" | "no-sound" | "stalled" | "call-ended" | "call-quiet" | "sender-gone" | "sender-rate" | "strangers" | "client-left" | "client-gone" | "client-quiet" | "client-unreachable" | "client-unproven" | "not-connected" | "worker-died" | "webrtc-off" | "out-of-reach" | "no-interface" | "not-needed" | "closed" | "no-input" | "silence" | "noise-floor" | "dc" | "noise" | "stuck" | "clipping" | "wrong-format" | "other"
      title: string
      titleVi: string
      detail: string
      urlIndex: number | null
    }
    SourceWithKey: {
      id: string
      name: string
      unitId: string | null
      fallbackSourceId: string | null
      silenceTimeoutMs: number | null
      /** @enum {unknown} */
      levelling: "off" | "programme" | "speech"
      /** @enum {unknown} */
      watch: "all" | "silence" | "off"
      createdAt: string
      status: {
        /** @enum {unknown} */
        state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
        urlIndex: number | null
        peakDbfs: number | null
        rmsDbfs: number | null
        clippedPercent: number
        fault: {
          /** @enum {unknown} */
          code: "silence" | "noise-floor" | "dc" | "noise" | "stuck" | "clipping" | "wrong-format"
          title: string
          titleVi: string
          titleEn?: string
        } | null
        reason: string
        cause: components["schemas"]["SourceCause"] | null
        title: string
        receivedBytes: number | null
        standby: {
          inputSourceId: string | null
          inputs: {
            sourceId: string
            /** @enum {unknown} */
            state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
            fault: string | null
            goodForMs: number
            peakDbfs: number | null
            rmsDbfs: number | null
            receivedBytes: number | null
            reason: string
            cause: components["schemas"]["SourceCause"] | null
          }[]
        } | null
      } | null
      /** @enum {string} */
      kind: "icecast"
      mount: string
      /** @enum {unknown} */
      takeover: "refuse" | "replace"
      /** @enum {unknown} */
      acceptsFrom: "always" | "window"
      leadTimeMs: number
      tailMs: number
      key: string
    } | {
      id: string
      name: string
      unitId: string | null
      fallbackSourceId: string | null
      silenceTimeoutMs: number | null
      /** @enum {unknown} */
      levelling: "off" | "programme" | "speech"
      /** @enum {unknown} */
      watch: "all" | "silence" | "off"
      createdAt: string
      status: {
        /** @enum {unknown} */
        state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
        urlIndex: number | null
        peakDbfs: number | null
        rmsDbfs: number | null
        clippedPercent: number
        fault: {
          /** @enum {unknown} */
          code: "silence" | "noise-floor" | "dc" | "noise" | "stuck" | "clipping" | "wrong-format"
          title: string
          titleVi: string
          titleEn?: string
        } | null
        reason: string
        cause: components["schemas"]["SourceCause"] | null
        title: string
        receivedBytes: number | null
        standby: {
          inputSourceId: string | null
          inputs: {
            sourceId: string
            /** @enum {unknown} */
            state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
            fault: string | null
            goodForMs: number
            peakDbfs: number | null
            rmsDbfs: number | null
            receivedBytes: number | null
            reason: string
            cause: components["schemas"]["SourceCause"] | null
          }[]
        } | null
      } | null
      /** @enum {string} */
      kind: "whip"
      path: string
      /** @enum {unknown} */
      takeover: "refuse" | "replace"
      /** @enum {unknown} */
      acceptsFrom: "always" | "window"
      leadTimeMs: number
      tailMs: number
      talkPath: string
      key: string
    } | {
      id: string
      name: string
      unitId: string | null
      fallbackSourceId: string | null
      silenceTimeoutMs: number | null
      /** @enum {unknown} */
      levelling: "off" | "programme" | "speech"
      /** @enum {unknown} */
      watch: "all" | "silence" | "off"
      createdAt: string
      status: {
        /** @enum {unknown} */
        state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
        urlIndex: number | null
        peakDbfs: number | null
        rmsDbfs: number | null
        clippedPercent: number
        fault: {
          /** @enum {unknown} */
          code: "silence" | "noise-floor" | "dc" | "noise" | "stuck" | "clipping" | "wrong-format"
          title: string
          titleVi: string
          titleEn?: string
        } | null
        reason: string
        cause: components["schemas"]["SourceCause"] | null
        title: string
        receivedBytes: number | null
        standby: {
          inputSourceId: string | null
          inputs: {
            sourceId: string
            /** @enum {unknown} */
            state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
            fault: string | null
            goodForMs: number
            peakDbfs: number | null
            rmsDbfs: number | null
            receivedBytes: number | null
            reason: string
            cause: components["schemas"]["SourceCause"] | null
          }[]
        } | null
      } | null
      /** @enum {string} */
      kind: "relay"
      urls: string[]
    } | {
      id: string
      name: string
      unitId: string | null
      fallbackSourceId: string | null
      silenceTimeoutMs: number | null
      /** @enum {unknown} */
      levelling: "off" | "programme" | "speech"
      /** @enum {unknown} */
      watch: "all" | "silence" | "off"
      createdAt: string
      status: {
        /** @enum {unknown} */
        state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
        urlIndex: number | null
        peakDbfs: number | null
        rmsDbfs: number | null
        clippedPercent: number
        fault: {
          /** @enum {unknown} */
          code: "silence" | "noise-floor" | "dc" | "noise" | "stuck" | "clipping" | "wrong-format"
          title: string
          titleVi: string
          titleEn?: string
        } | null
        reason: string
        cause: components["schemas"]["SourceCause"] | null
        title: string
        receivedBytes: number | null
        standby: {
          inputSourceId: string | null
          inputs: {
            sourceId: string
            /** @enum {unknown} */
            state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
            fault: string | null
            goodForMs: number
            peakDbfs: number | null
            rmsDbfs: number | null
            receivedBytes: number | null
            reason: string
            cause: components["schemas"]["SourceCause"] | null
          }[]
        } | null
      } | null
      /** @enum {string} */
      kind: "tone"
      frequencyHz: number
      levelDbfs: number
    } | {
      id: string
      name: string
      unitId: string | null
      fallbackSourceId: string | null
      silenceTimeoutMs: number | null
      /** @enum {unknown} */
      levelling: "off" | "programme" | "speech"
      /** @enum {unknown} */
      watch: "all" | "silence" | "off"
      createdAt: string
      status: {
        /** @enum {unknown} */
        state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
        urlIndex: number | null
        peakDbfs: number | null
        rmsDbfs: number | null
        clippedPercent: number
        fault: {
          /** @enum {unknown} */
          code: "silence" | "noise-floor" | "dc" | "noise" | "stuck" | "clipping" | "wrong-format"
          title: string
          titleVi: string
          titleEn?: string
        } | null
        reason: string
        cause: components["schemas"]["SourceCause"] | null
        title: string
        receivedBytes: number | null
        standby: {
          inputSourceId: string | null
          inputs: {
            sourceId: string
            /** @enum {unknown} */
            state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
            fault: string | null
            goodForMs: number
            peakDbfs: number | null
            rmsDbfs: number | null
            receivedBytes: number | null
            reason: string
            cause: components["schemas"]["SourceCause"] | null
          }[]
        } | null
      } | null
      /** @enum {string} */
      kind: "rtp"
      stream: {
        group: string | null
        port: number
        /** @enum {unknown} */
        codec: "opus" | "l16" | "l24"
        payloadType: number
        sampleRateHz: number
        channels: number
      }
      senders: string[]
      interface: string | null
    } | {
      id: string
      name: string
      unitId: string | null
      fallbackSourceId: string | null
      silenceTimeoutMs: number | null
      /** @enum {unknown} */
      levelling: "off" | "programme" | "speech"
      /** @enum {unknown} */
      watch: "all" | "silence" | "off"
      createdAt: string
      status: {
        /** @enum {unknown} */
        state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
        urlIndex: number | null
        peakDbfs: number | null
        rmsDbfs: number | null
        clippedPercent: number
        fault: {
          /** @enum {unknown} */
          code: "silence" | "noise-floor" | "dc" | "noise" | "stuck" | "clipping" | "wrong-format"
          title: string
          titleVi: string
          titleEn?: string
        } | null
        reason: string
        cause: components["schemas"]["SourceCause"] | null
        title: string
        receivedBytes: number | null
        standby: {
          inputSourceId: string | null
          inputs: {
            sourceId: string
            /** @enum {unknown} */
            state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
            fault: string | null
            goodForMs: number
            peakDbfs: number | null
            rmsDbfs: number | null
            receivedBytes: number | null
            reason: string
            cause: components["schemas"]["SourceCause"] | null
          }[]
        } | null
      } | null
      /** @enum {string} */
      kind: "rtmp"
      /** @enum {unknown} */
      takeover: "refuse" | "replace"
      /** @enum {unknown} */
      acceptsFrom: "always" | "window"
      leadTimeMs: number
      tailMs: number
      key: string
    } | {
      id: string
      name: string
      unitId: string | null
      fallbackSourceId: string | null
      silenceTimeoutMs: number | null
      /** @enum {unknown} */
      levelling: "off" | "programme" | "speech"
      /** @enum {unknown} */
      watch: "all" | "silence" | "off"
      createdAt: string
      status: {
        /** @enum {unknown} */
        state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
        urlIndex: number | null
        peakDbfs: number | null
        rmsDbfs: number | null
        clippedPercent: number
        fault: {
          /** @enum {unknown} */
          code: "silence" | "noise-floor" | "dc" | "noise" | "stuck" | "clipping" | "wrong-format"
          title: string
          titleVi: string
          titleEn?: string
        } | null
        reason: string
        cause: components["schemas"]["SourceCause"] | null
        title: string
        receivedBytes: number | null
        standby: {
          inputSourceId: string | null
          inputs: {
            sourceId: string
            /** @enum {unknown} */
            state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
            fault: string | null
            goodForMs: number
            peakDbfs: number | null
            rmsDbfs: number | null
            receivedBytes: number | null
            reason: string
            cause: components["schemas"]["SourceCause"] | null
          }[]
        } | null
      } | null
      /** @enum {string} */
      kind: "srt"
      port: number
      latencyMs: number
      key: string
    } | {
      id: string
      name: string
      unitId: string | null
      fallbackSourceId: string | null
      silenceTimeoutMs: number | null
      /** @enum {unknown} */
      levelling: "off" | "programme" | "speech"
      /** @enum {unknown} */
      watch: "all" | "silence" | "off"
      createdAt: string
      status: {
        /** @enum {unknown} */
        state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
        urlIndex: number | null
        peakDbfs: number | null
        rmsDbfs: number | null
        clippedPercent: number
        fault: {
          /** @enum {unknown} */
          code: "silence" | "noise-floor" | "dc" | "noise" | "stuck" | "clipping" | "wrong-format"
          title: string
          titleVi: string
          titleEn?: string
        } | null
        reason: string
        cause: components["schemas"]["SourceCause"] | null
        title: string
        receivedBytes: number | null
        standby: {
          inputSourceId: string | null
          inputs: {
            sourceId: string
            /** @enum {unknown} */
            state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
            fault: string | null
            goodForMs: number
            peakDbfs: number | null
            rmsDbfs: number | null
            receivedBytes: number | null
            reason: string
            cause: components["schemas"]["SourceCause"] | null
          }[]
        } | null
      } | null
      /** @enum {string} */
      kind: "standby"
      inputSourceIds: string[]
      /** @enum {unknown} */
      return: "automatic" | "manual"
      returnAfterMs: number
      pinned: {
        inputSourceId: string
        force: boolean
      } | null
    } | {
      id: string
      name: string
      unitId: string | null
      fallbackSourceId: string | null
      silenceTimeoutMs: number | null
      /** @enum {unknown} */
      levelling: "off" | "programme" | "speech"
      /** @enum {unknown} */
      watch: "all" | "silence" | "off"
      createdAt: string
      status: {
        /** @enum {unknown} */
        state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
        urlIndex: number | null
        peakDbfs: number | null
        rmsDbfs: number | null
        clippedPercent: number
        fault: {
          /** @enum {unknown} */
          code: "silence" | "noise-floor" | "dc" | "noise" | "stuck" | "clipping" | "wrong-format"
          title: string
          titleVi: string
          titleEn?: string
        } | null
        reason: string
        cause: components["schemas"]["SourceCause"] | null
        title: string
        receivedBytes: number | null
        standby: {
          inputSourceId: string | null
          inputs: {
            sourceId: string
            /** @enum {unknown} */
            state: "idle" | "connecting" | "live" | "silent" | "fallback" | "down"
            fault: string | null
            goodForMs: number
            peakDbfs: number | null
            rmsDbfs: number | null
            receivedBytes: number | null
            reason: string
            cause: components["schemas"]["SourceCause"] | null
          }[]
        } | null
      } | null
      /** @enum {string} */
      kind: "phone"
    }
    SourcePage: {
      items: components["schemas"]["Source"][]
      nextCursor: string | null
    }
    Microphone: {
      sourceId: string
      path: string
      key: string
      expiresAt: string
    }
    Clip: {
      id: string
      name: string
      unitId: string | null
      durationMs: number
      loudnessLufs: number | null
      sizeBytes: number
      createdAt: string
    }
    ClipPage: {
      items: components["schemas"]["Clip"][]
      nextCursor: string | null
    }
    CommandOfCluster: {
      id: string
      /** @enum {unknown} */
      type: "volume" | "mute" | "restart-stream" | "identify" | "set-offset" | "set-frequency" | "amplifier" | "refresh-bundle" | "reboot"
      arguments: { [key: string]: number | boolean }
      createdAt: string
      createdBy: string
      expiresAt: string
      /** @enum {unknown} */
      state: "waiting" | "delivered" | "done" | "refused" | "failed" | "expired"
      reason: string | null
      deliveredAt: string | null
      answeredAt: string | null
    }
    CommandOfClusterPage: {
      items: {
        id: string
        /** @enum {unknown} */
        type: "volume" | "mute" | "restart-stream" | "identify" | "set-offset" | "set-frequency" | "amplifier" | "refresh-bundle" | "reboot"
        arguments: { [key: string]: number | boolean }
        createdAt: string
        createdBy: string
        expiresAt: string
        /** @enum {unknown} */
        state: "waiting" | "delivered" | "done" | "refused" | "failed" | "expired"
        reason: string | null
        deliveredAt: string | null
        answeredAt: string | null
      }[]
      nextCursor: string | null
    }
    Order: {
      id: string
      number: number
      /** @enum {unknown} */
      class: "emergency" | "priority" | "normal"
      title: string
      sourceId: string | null
      clipIds: string[] | null
      targets: {
        units: string[]
        clusters: string[]
        tags: string[]
        groups: string[]
      }
      startsAt: string
      endsAt: string
      rank: number
      /** @enum {unknown} */
      resume: "continue" | "skip"
      issuer: string
      field: ("general" | "sudden" | "law" | "steering" | "knowledge" | "good-deeds") | null
      tone: boolean
      /** @enum {unknown} */
      state: "scheduled" | "on-air" | "ended" | "stopped"
      stoppedAt: string | null
      createdAt: string
      createdBy: string
      alert: {
        id: string
        /** @enum {unknown} */
        kind: "real" | "exercise" | "test"
        /** @enum {unknown} */
        level: 1 | 2 | 3 | 4 | 5
      } | null
      mixing: {
        over: {
          duckDb: number
          attackMs: number
          releaseMs: number
        } | null
        introClipId: string | null
        outroClipId: string | null
        crossfadeMs: number
      } | null
      handOvers: {
        sourceId: string
        at: string
        crossfadeMs: number
        by: string
      }[]
      clusters: {
        targeted: number
        online: number
      }
    }
    ListedOrder: {
      id: string
      number: number
      /** @enum {unknown} */
      class: "emergency" | "priority" | "normal"
      title: string
      sourceId: string | null
      clipIds: string[] | null
      targets: {
        units: string[]
        clusters: string[]
        tags: string[]
        groups: string[]
      }
      startsAt: string
      endsAt: string
      rank: number
      /** @enum {unknown} */
      resume: "continue" | "skip"
      issuer: string
      field: ("general" | "sudden" | "law" | "steering" | "knowledge" | "good-deeds") | null
      tone: boolean
      /** @enum {unknown} */
      state: "scheduled" | "on-air" | "ended" | "stopped"
      stoppedAt: string | null
      createdAt: string
      createdBy: string
      alert: {
        id: string
        /** @enum {unknown} */
        kind: "real" | "exercise" | "test"
        /** @enum {unknown} */
        level: 1 | 2 | 3 | 4 | 5
      } | null
      mixing: {
        over: {
          duckDb: number
          attackMs: number
          releaseMs: number
        } | null
        introClipId: string | null
        outroClipId: string | null
        crossfadeMs: number
      } | null
      handOvers: {
        sourceId: string
        at: string
        crossfadeMs: number
        by: string
      }[]
    }
    OrderPage: {
      items: components["schemas"]["ListedOrder"][]
      nextCursor: string | null
    }
    Token: {
      id: string
      name: string
      roles: {
        /** @enum {unknown} */
        role: "viewer" | "writer" | "editor" | "operator" | "technician" | "emergency-officer" | "administrator" | "auditor" | "cap-sender"
        unitId: string | null
      }[]
      createdAt: string
      expiresAt: string | null
      lastUsedAt: string | null
    }
    TokenWithSecret: {
      id: string
      name: string
      roles: {
        /** @enum {unknown} */
        role: "viewer" | "writer" | "editor" | "operator" | "technician" | "emergency-officer" | "administrator" | "auditor" | "cap-sender"
        unitId: string | null
      }[]
      createdAt: string
      expiresAt: string | null
      lastUsedAt: string | null
      token: string
    }
    TokenList: {
      items: {
        id: string
        name: string
        roles: {
          /** @enum {unknown} */
          role: "viewer" | "writer" | "editor" | "operator" | "technician" | "emergency-officer" | "administrator" | "auditor" | "cap-sender"
          unitId: string | null
        }[]
        createdAt: string
        expiresAt: string | null
        lastUsedAt: string | null
      }[]
    }
    Status: {
      version: string
      now: string
      startedAt: string
      ready: boolean
      problems: string[]
      clusters: {
        total: number
        enabled: number
        online: number
      }
      orders: {
        onAir: number
        scheduled: number
      }
      connections: {
        total: number
        byFormat: { [key: string]: number }
      }
      programmes: number
      encoders: number
      framesTotal: number
      bytesTotal: number
      latenessMaxMs: number
      gapFramesTotal: number
      skipsTotal: number
      frozenTotal: number
      replacedTotal: number
      refusedTotal: number
      lastCut: {
        orderId: string
        listeners: number
        elapsedMs: number
        at: string
      } | null
      processes: {
        /** @enum {unknown} */
        role: "control" | "engine" | "fan-out" | "recorder" | "phone"
        index: number
        pid: number
        connected: boolean
        cpuMsTotal: number
        rssBytes: number
      }[]
      watchers: {
        open: number
        cutTotal: number
      }
    }
    Health: {
      /** @enum {string} */
      status: "ok"
    }
    Readiness: {
      ready: boolean
      problems: string[]
    }
    RtpOutput: {
      id: string
      name: string
      hears: { clusterId: string }
      /** @enum {unknown} */
      mode: "multicast" | "unicast"
      address: string
      port: number
      /** @enum {unknown} */
      codec: "opus" | "l16" | "pcmu"
      /** @enum {unknown} */
      ptimeMs: 10 | 20 | 40 | 60
      ttl: number
      dscp: number
      interface: string | null
      sap: boolean
      createdAt: string
      status: {
        /** @enum {unknown} */
        state: "sending" | "waiting-for-proof" | "failed"
        reason: string
        ssrc: number
        fanOut: number
        packetsTotal: number
        bytesTotal: number
        sendErrorsTotal: number
        emptiedFramesTotal: number
        reportsTotal: number
        receivers: number
        worstLossPercent: number | null
        worstJitterMs: number | null
        worstRoundTripMs: number | null
        provenUntil: string | null
      } | null
    }
    RtpOutputPage: {
      items: components["schemas"]["RtpOutput"][]
      nextCursor: string | null
    }
    Sync: {
      boundMs: number
      synchronised: number
      notSynchronised: number
      all: {
        clusters: number
        p50Ms: number
        p95Ms: number
        p99Ms: number
        maxMs: number
      } | null
      byUnit: {
        unitId: string
        clusters: number
        p50Ms: number
        p95Ms: number
        p99Ms: number
        maxMs: number
      }[]
      byOrder: {
        orderId: string
        clusters: number
        p50Ms: number
        p95Ms: number
        p99Ms: number
        maxMs: number
      }[]
      worst: {
        clusterId: string
        errorMs: number
        clockErrorMs: number | null
      }[]
      histogram: {
        belowMs: number | null
        clusters: number
      }[]
    }
    Speaker: {
      clusterId: string
      at: string
      stage: ("idle" | "received" | "verified" | "played" | "heard") | null
      orderId: string | null
      playing: ("silence" | "live" | "cached" | "filler") | null
      syncErrorUs: number | null
      clockErrorUs: number | null
      wallErrorMs: number | null
      driftPpm: number | null
      roundTripUs: number | null
      cardPpm: number | null
      correctionPpm: number | null
      bufferMs: number | null
      targetMs: number | null
      lateFrames: number | null
      lostFrames: number | null
      concealedFrames: number | null
      unverifiedFrames: number | null
      volumePercent: number | null
      hoursPercent: number | null
      muted: boolean | null
      amplifier: boolean | null
      power: string | null
      temperatureC: number | null
      signalDbm: number | null
      storageFault: string | null
      version: string | null
      identity: string | null
    }
    AcousticOffsets: {
      offsets: {
        clusterId: string
        distanceM: number
        offsetMs: number
      }[]
      withoutPosition: number
    }
    StaggeredOrder: {
      groups: {
        orderId: string
        startsAt: string
        clusters: number
      }[]
      withoutPosition: number
      finishedAt: string
    }
    PlayLogEntry: {
      clusterId: string
      deviceId: string | null
      logId: string
      number: number
      orderId: string | null
      /** @enum {unknown} */
      playing: "live" | "cached" | "filler" | "silence"
      /** @enum {unknown} */
      stage: "played" | "heard"
      heard: boolean | null
      audible: boolean
      verified: boolean
      from: string
      until: string
      playedMs: number
      missingMs: number
      /** @enum {unknown} */
      end: "over" | "interrupted" | "crash"
      receivedAt: string
    }
    PlayLogPage: {
      items: components["schemas"]["PlayLogEntry"][]
      nextCursor: string | null
    }
    User: {
      id: string
      login: string
      name: string
      roles: {
        /** @enum {unknown} */
        role: "viewer" | "writer" | "editor" | "operator" | "technician" | "emergency-officer" | "administrator" | "auditor" | "cap-sender"
        unitId: string | null
      }[]
      secondFactor: boolean
      enabled: boolean
      createdAt: string
    }
    UserPage: {
      items: components["schemas"]["User"][]
      nextCursor: string | null
    }
    Session: {
      id: string
      userId: string
      remoteAddress: string
      userAgent: string
      current: boolean
      createdAt: string
      expiresAt: string
    }
    SessionList: { items: components["schemas"]["Session"][] }
    NewSession: {
      id: string
      user: components["schemas"]["User"]
      token?: string
      expiresAt: string
    }
    Me: {
      id: string
      name: string
      /** @enum {unknown} */
      kind: "user" | "token"
      roles: {
        /** @enum {unknown} */
        role: "viewer" | "writer" | "editor" | "operator" | "technician" | "emergency-officer" | "administrator" | "auditor" | "cap-sender"
        unitId: string | null
      }[]
      rights: {
        /** @enum {unknown} */
        right: "view" | "write" | "edit" | "plan" | "air" | "emergency" | "command" | "maintain" | "manage" | "people" | "audit" | "cap"
        unitIds: string[] | null
      }[]
      secondFactor: boolean
      recoveryCodesLeft: number
    }
    NewSecondFactor: {
      secret: string
      uri: string
    }
    RecoveryCodes: { codes: string[] }
    AuditEntry: {
      seq: number
      at: string
      requestId: string | null
      tokenId: string | null
      tokenName: string | null
      remoteAddress: string | null
      method: string
      route: string
      targetIds: string[]
      fields: string[]
      status: number
      code: string | null
      count: number
      hash: string
    }
    AuditLogPage: {
      items: components["schemas"]["AuditEntry"][]
      nextCursor: string | null
    }
    AirLogEntry: {
      seq: number
      at: string
      orderId: string
      /** @enum {unknown} */
      class: "emergency" | "priority" | "normal"
      title: string
      unitId: string
      issuerUnitId: string
      sourceId: string | null
      clipIds: string[] | null
      clusterIds: string[]
      plannedFrom: string
      plannedUntil: string
      from: string
      until: string
      plannedMs: number
      airMs: number
      sentMs: number
      /** @enum {unknown} */
      end: "over" | "replaced" | "handed-over" | "moved" | "stopped" | "withdrawn" | "shutdown" | "lost" | "never" | "told"
      field: ("general" | "sudden" | "law" | "steering" | "knowledge" | "good-deeds") | null
      soundedMs: number
      hash: string
    }
    AirLogPage: {
      items: components["schemas"]["AirLogEntry"][]
      nextCursor: string | null
    }
    LogCheckpoint: {
      number: number
      at: string
      previousHash: string
      heads: {
        /** @enum {unknown} */
        log: "audit" | "air" | "report"
        firstSeq: number
        seq: number
        hash: string
      }[]
      keyId: string
      publicKey: string
      signature: string
    }
    LogCheckpointPage: {
      items: components["schemas"]["LogCheckpoint"][]
      nextCursor: string | null
    }
    Figures: {
      from: string
      to: string
      /** @enum {unknown} */
      by: "unit" | "source" | "field" | "class" | "day" | "week" | "month" | "quarter" | "year"
      /** @enum {unknown} */
      map: "then" | "now"
      items: {
        key: string
        name: string | null
        runs: number
        plannedMinutes: number
        airMinutes: number
        sentMinutes: number
        soundedMinutes: number
      }[]
    }
    ClusterState: {
      clusterId: string
      unitId: string
      /** @enum {unknown} */
      technology: "ip" | "fm" | "wired" | "unknown"
      /** @enum {unknown} */
      state: "lost" | "silent" | "out-of-step" | "muted" | "unknown" | "never-seen" | "playing" | "idle" | "out-of-use"
      title: string
      titleVi: string
      titleEn?: string
      since: string
      online: boolean
      lastOnline: string | null
      onAir: {
        orderId: string
        /** @enum {unknown} */
        class: "emergency" | "priority" | "normal"
        title: string
        sourceId: string | null
        clipIds: string[] | null
        since: string
        until: string
        alert: {
          id: string
          /** @enum {unknown} */
          kind: "real" | "exercise" | "test"
          /** @enum {unknown} */
          level: 1 | 2 | 3 | 4 | 5
        } | null
        under: {
          orderId: string
          /** @enum {unknown} */
          class: "priority" | "normal"
          title: string
          sourceId: string | null
        } | null
      } | null
      sound: ("silence" | "live" | "cached" | "filler") | null
      conditions: {
        /** @enum {unknown} */
        code: "amplifier-off" | "storage-fault" | "off-mains" | "hot" | "wrong-clock" | "weak-signal" | "unverified" | "out-of-step" | "no-status" | "not-synchronised"
        title: string
        titleVi: string
        titleEn?: string
        value: number | string | null
        unit: ("°C" | "dBm" | "ms" | "frames") | null
      }[]
    }
    ClusterStatePage: {
      items: {
        clusterId: string
        unitId: string
        /** @enum {unknown} */
        technology: "ip" | "fm" | "wired" | "unknown"
        /** @enum {unknown} */
        state: "lost" | "silent" | "out-of-step" | "muted" | "unknown" | "never-seen" | "playing" | "idle" | "out-of-use"
        title: string
        titleVi: string
        titleEn?: string
        since: string
        online: boolean
        lastOnline: string | null
        onAir: {
          orderId: string
          /** @enum {unknown} */
          class: "emergency" | "priority" | "normal"
          title: string
          sourceId: string | null
          clipIds: string[] | null
          since: string
          until: string
          alert: {
            id: string
            /** @enum {unknown} */
            kind: "real" | "exercise" | "test"
            /** @enum {unknown} */
            level: 1 | 2 | 3 | 4 | 5
          } | null
          under: {
            orderId: string
            /** @enum {unknown} */
            class: "priority" | "normal"
            title: string
            sourceId: string | null
          } | null
        } | null
        sound: ("silence" | "live" | "cached" | "filler") | null
        conditions: {
          /** @enum {unknown} */
          code: "amplifier-off" | "storage-fault" | "off-mains" | "hot" | "wrong-clock" | "weak-signal" | "unverified" | "out-of-step" | "no-status" | "not-synchronised"
          title: string
          titleVi: string
          titleEn?: string
          value: number | string | null
          unit: ("°C" | "dBm" | "ms" | "frames") | null
        }[]
      }[]
      nextCursor: string | null
    }
    ClusterBoard: {
      items: {
        id: string
        unitId: string
        code: string
        name: string
        lat: number | null
        lon: number | null
        /** @enum {unknown} */
        state: "lost" | "silent" | "out-of-step" | "muted" | "unknown" | "never-seen" | "playing" | "idle" | "out-of-use"
        online: boolean
        conditions: ("amplifier-off" | "storage-fault" | "off-mains" | "hot" | "wrong-clock" | "weak-signal" | "unverified" | "out-of-step" | "no-status" | "not-synchronised")[]
        orderId: string | null
      }[]
      nextCursor: string | null
      orders: {
        orderId: string
        /** @enum {unknown} */
        class: "emergency" | "priority" | "normal"
        title: string
        sourceId: string | null
        clipIds: string[] | null
        since: string
        until: string
        alert: {
          id: string
          /** @enum {unknown} */
          kind: "real" | "exercise" | "test"
          /** @enum {unknown} */
          level: 1 | 2 | 3 | 4 | 5
        } | null
        under: {
          orderId: string
          /** @enum {unknown} */
          class: "priority" | "normal"
          title: string
          sourceId: string | null
        } | null
      }[]
    }
    ConsoleSettings: {
      tiles: {
        url: string
        credit: string
      } | null
      rtmpPort: number | null
    }
    StateCounts: {
      total: number
      online: number
      onAir: number
      byState: {
        lost: number
        silent: number
        "out-of-step": number
        muted: number
        unknown: number
        "never-seen": number
        playing: number
        idle: number
        "out-of-use": number
      }
      byCondition: {
        "amplifier-off": number
        "storage-fault": number
        "off-mains": number
        hot: number
        "wrong-clock": number
        "weak-signal": number
        unverified: number
        "out-of-step": number
        "no-status": number
        "not-synchronised": number
      }
      byTechnology: {
        ip: {
          lost: number
          silent: number
          "out-of-step": number
          muted: number
          unknown: number
          "never-seen": number
          playing: number
          idle: number
          "out-of-use": number
        }
        fm: {
          lost: number
          silent: number
          "out-of-step": number
          muted: number
          unknown: number
          "never-seen": number
          playing: number
          idle: number
          "out-of-use": number
        }
        wired: {
          lost: number
          silent: number
          "out-of-step": number
          muted: number
          unknown: number
          "never-seen": number
          playing: number
          idle: number
          "out-of-use": number
        }
        unknown: {
          lost: number
          silent: number
          "out-of-step": number
          muted: number
          unknown: number
          "never-seen": number
          playing: number
          idle: number
          "out-of-use": number
        }
      }
    }
    StateHistory: {
      clusterId: string
      from: string
      to: string
      items: {
        /** @enum {unknown} */
        state: "lost" | "silent" | "out-of-step" | "muted" | "unknown" | "never-seen" | "playing" | "idle" | "out-of-use"
        onAir: boolean
        from: string
        to: string
      }[]
    }
    Measurements: {
      clusterId: string
      from: string
      to: string
      stepMs: number
      items: {
        at: string
        reports: number
        syncErrorMs: {
          min: number
          mean: number
          max: number
        } | null
        signalDbm: {
          min: number
          mean: number
          max: number
        } | null
        volumePercent: {
          min: number
          mean: number
          max: number
        } | null
        playedPercent: {
          min: number
          mean: number
          max: number
        } | null
        temperatureC: {
          min: number
          mean: number
          max: number
        } | null
      }[]
    }
    UnitState: {
      unitId: string
      total: number
      online: number
      onAir: number
      byState: {
        lost: number
        silent: number
        "out-of-step": number
        muted: number
        unknown: number
        "never-seen": number
        playing: number
        idle: number
        "out-of-use": number
      }
      byCondition: {
        "amplifier-off": number
        "storage-fault": number
        "off-mains": number
        hot: number
        "wrong-clock": number
        "weak-signal": number
        unverified: number
        "out-of-step": number
        "no-status": number
        "not-synchronised": number
      }
      byTechnology: {
        ip: {
          lost: number
          silent: number
          "out-of-step": number
          muted: number
          unknown: number
          "never-seen": number
          playing: number
          idle: number
          "out-of-use": number
        }
        fm: {
          lost: number
          silent: number
          "out-of-step": number
          muted: number
          unknown: number
          "never-seen": number
          playing: number
          idle: number
          "out-of-use": number
        }
        wired: {
          lost: number
          silent: number
          "out-of-step": number
          muted: number
          unknown: number
          "never-seen": number
          playing: number
          idle: number
          "out-of-use": number
        }
        unknown: {
          lost: number
          silent: number
          "out-of-step": number
          muted: number
          unknown: number
          "never-seen": number
          playing: number
          idle: number
          "out-of-use": number
        }
      }
      children: {
        unitId: string
        code: string
        name: string
        total: number
        online: number
        onAir: number
        byState: {
          lost: number
          silent: number
          "out-of-step": number
          muted: number
          unknown: number
          "never-seen": number
          playing: number
          idle: number
          "out-of-use": number
        }
      }[]
    }
    OrderReport: {
      /** @enum {number} */
      form: 1
      /** @enum {string} */
      kind: "report"
      orderId: string
      number: number
      /** @enum {unknown} */
      class: "emergency" | "priority" | "normal"
      title: string
      sourceId: string | null
      clipIds: string[] | null
      field: ("general" | "sudden" | "law" | "steering" | "knowledge" | "good-deeds") | null
      issuer: string
      issuerName: string
      createdBy: string
      createdAt: string
      startsAt: string
      endsAt: string
      stoppedAt: string | null
      openedAt: string
      closedAt: string
      complete: boolean
      counts: {
        targeted: number
        connected: number
        received: number
        verified: number
        played: number
        heard: number
        notProved: number
        red: number
      }
      clusters: {
        clusterId: string
        code: string
        name: string
        unitId: string
        unitName: string
        sim: string | null
        late: boolean
        /** @enum {unknown} */
        outcome: "heard" | "played" | "not-proved" | "muted" | "amplifier-off" | "sensor-silent" | "not-verified" | "not-on-air" | "offline" | "lost" | "silent"
        online: boolean
        protocol: ("native" | "http") | null
        connectedAt: string | null
        awaySince: string | null
        onAirAt: string | null
        receivedAt: string | null
        verifiedAt: string | null
        playedAt: string | null
        heardAt: string | null
        cutInMs: number | null
        soundedMs: number | null
      }[]
    }
    AlertReport: {
      alertId: string
      title: string
      at: string
      /** @enum {unknown} */
      state: "waiting" | "running" | "closed" | "none"
      orders: {
        orderId: string
        startsAt: string
        endsAt: string
        /** @enum {unknown} */
        state: "waiting" | "running" | "closed" | "none"
        entry: {
          seq: number
          at: string
          hash: string
          sha256: string
        } | null
      }[]
      counts: {
        targeted: number
        connected: number
        received: number
        verified: number
        played: number
        heard: number
        notProved: number
        red: number
      }
      clusters: {
        clusterId: string
        code: string
        name: string
        unitId: string
        unitName: string
        sim: string | null
        late: boolean
        /** @enum {unknown} */
        outcome: "heard" | "played" | "not-proved" | "muted" | "amplifier-off" | "sensor-silent" | "not-verified" | "not-on-air" | "offline" | "lost" | "silent"
        online: boolean
        protocol: ("native" | "http") | null
        connectedAt: string | null
        awaySince: string | null
        onAirAt: string | null
        receivedAt: string | null
        verifiedAt: string | null
        playedAt: string | null
        heardAt: string | null
        cutInMs: number | null
        soundedMs: number | null
      }[]
      appendices: {
        entry: {
          seq: number
          at: string
          hash: string
          sha256: string
        }
        appendix: components["schemas"]["ReportAppendix"]
      }[]
    }
    ReportAppendix: {
      /** @enum {number} */
      form: 1
      /** @enum {string} */
      kind: "appendix"
      orderId: string
      at: string
      clusters: {
        clusterId: string
        from: string
        until: string
        soundedMs: number
        verified: boolean
        heard: boolean | null
        audible: boolean
        /** @enum {unknown} */
        playing: "live" | "cached"
      }[]
    }
    ReportAnswer: {
      /** @enum {unknown} */
      state: "waiting" | "running" | "closed" | "none"
      entry: {
        seq: number
        at: string
        hash: string
        sha256: string
      } | null
      report: components["schemas"]["OrderReport"] | null
      appendices: {
        entry: {
          seq: number
          at: string
          hash: string
          sha256: string
        }
        appendix: components["schemas"]["ReportAppendix"]
      }[]
    }
    ProofBoard: {
      id: string
      at: string
      /** @enum {unknown} */
      state: "waiting" | "running" | "closed" | "none"
      counts: {
        targeted: number
        connected: number
        received: number
        verified: number
        played: number
        heard: number
        notProved: number
        red: number
      }
      red: {
        clusterId: string
        code: string
        name: string
        unitId: string
        sim: string | null
        /** @enum {unknown} */
        outcome: "heard" | "played" | "not-proved" | "muted" | "amplifier-off" | "sensor-silent" | "not-verified" | "not-on-air" | "offline" | "lost" | "silent"
        awaySince: string | null
        contact: {
          unitId: string
          name: string
          phone: string
        } | null
      }[]
      redLeftOut: number
    }
    ReportEntry: {
      seq: number
      at: string
      /** @enum {unknown} */
      kind: "report" | "appendix"
      orderId: string
      sha256: string
      bytes: number
      hash: string
    }
    ReportPage: {
      items: components["schemas"]["ReportEntry"][]
      nextCursor: string | null
    }
    Availability: {
      period: string
      from: string
      to: string
      unitId: string | null
      clusterId: string | null
      code: string | null
      name: string | null
      clusters: number
      onlineMs: number
      lostMs: number
      unknownMs: number
      neverSeenMs: number
      outOfUseMs: number
      onAirMs: number
      soundedMs: number
      outOfStepMs: number
      silentMs: number
      mutedOnAirMs: number
      lostOnAirMs: number
      availability: number | null
      soundedShare: number | null
    }
    AvailabilityPage: {
      items: {
        period: string
        from: string
        to: string
        unitId: string | null
        clusterId: string | null
        code: string | null
        name: string | null
        clusters: number
        onlineMs: number
        lostMs: number
        unknownMs: number
        neverSeenMs: number
        outOfUseMs: number
        onAirMs: number
        soundedMs: number
        outOfStepMs: number
        silentMs: number
        mutedOnAirMs: number
        lostOnAirMs: number
        availability: number | null
        soundedShare: number | null
      }[]
      nextCursor: string | null
    }
    ScheduleItem: {
      id: string
      version: number
      title: string
      /** @enum {unknown} */
      class: "priority" | "normal"
      sourceId: string | null
      clipIds: string[] | null
      durationMs: number | null
      playMs: number
      targets: {
        units: string[]
        clusters: string[]
        tags: string[]
        groups: string[]
      }
      issuer: string
      field: ("general" | "sudden" | "law" | "steering" | "knowledge" | "good-deeds") | null
      rank: number
      /** @enum {unknown} */
      resume: "continue" | "skip"
      zone: string
      time: string
      firstDay: string
      lastDay: string | null
      repeat: {
        /** @enum {unknown} */
        kind: "once" | "daily" | "weekly" | "monthly" | "dates" | "lunar" | "rule"
        every?: number
        weekdays?: ("MO" | "TU" | "WE" | "TH" | "FR" | "SA" | "SU")[]
        days?: number[]
        months?: number[]
        dates?: string[]
        rrule?: string
      }
      rrule: string | null
      except: string[]
      /** @enum {unknown} */
      holidays: "play" | "skip" | "only"
      plays: number
      gapMs: number
      /** @enum {unknown} */
      missed: "join" | "skip" | "late"
      lateLimitMs: number
      enabled: boolean
      ask: string | null
      mixing: {
        over: {
          duckDb: number
          attackMs: number
          releaseMs: number
        } | null
        introClipId: string | null
        outroClipId: string | null
        crossfadeMs: number
      } | null
      createdAt: string
      createdBy: string
      changedAt: string
      changedBy: string
    }
    ScheduleItemPage: {
      items: components["schemas"]["ScheduleItem"][]
      nextCursor: string | null
    }
    Collision: {
      itemId: string
      title: string
      /** @enum {unknown} */
      class: "priority" | "normal"
      issuer: string
      clusters: number
      count: number
      undecided: boolean
      first: {
        this: {
          from: string
          until: string
          heardMs: number
        }
        other: {
          from: string
          until: string
          heardMs: number
        }
      }
      cures: {
        /** @enum {unknown} */
        cure: "overwrite" | "after" | "trim"
        itemId: string | null
        change: {
          rank?: number
          time?: string
          durationMs?: number
          except?: string[]
          /** @enum {boolean} */
          enabled?: false
        }
        mayChoose: string | null
      }[]
    }
    FrameCollision: {
      unitId: string
      name: string
      level: number
      clusters: number
      count: number
      first: {
        from: string
        until: string
      }
      cures: {
        /** @enum {unknown} */
        cure: "move" | "trim" | "ask"
        itemId: string | null
        change: {
          time?: string
          durationMs?: number
          /** @enum {boolean} */
          enabled?: false
        }
      }[]
      mayChoose: string[]
      mayPass: boolean
    }
    CollisionList: {
      collisions: components["schemas"]["Collision"][]
      frames: components["schemas"]["FrameCollision"][]
      breaches: {
        unitId: string
        /** @enum {unknown} */
        rule: "hours" | "quiet" | "play" | "day" | "frame"
        from: string
        until: string
        count: number
        length?: {
          usedMs: number
          allowedMs: number
        }
      }[]
    }
    SchedulePlays: {
      itemId: string
      plays: {
        occurrence: string
        from: string
        until: string
        orderId: string | null
        /** @enum {unknown} */
        state: "planned" | "scheduled" | "on-air" | "ended" | "stopped" | "missed"
      }[]
    }
    ScheduledItem: {
      item: components["schemas"]["ScheduleItem"]
      mayPlan: boolean
      plays: {
        occurrence: string
        from: string
        until: string
        orderId: string | null
        /** @enum {unknown} */
        state: "planned" | "scheduled" | "on-air" | "ended" | "stopped" | "missed" | "off"
      }[]
    }
    ScheduledItemPage: {
      items: components["schemas"]["ScheduledItem"][]
      nextCursor: string | null
    }
    ClusterDay: {
      clusterId: string
      day: string
      zone: string
      segments: {
        from: string
        until: string
        orderId: string | null
        itemId: string | null
        /** @enum {unknown} */
        class: "emergency" | "priority" | "normal"
        title: string
        beneath: boolean
      }[]
      frames: {
        from: string
        until: string
        unitId: string
        name: string
        level: number
      }[]
      plays: {
        itemId: string
        occurrence: string
        title: string
        from: string
        until: string
        orderId: string | null
        heardMs: number
      }[]
    }
    UnitPolicy: {
      unitId: string
      own: {
        windows: {
          weekdays?: ("MO" | "TU" | "WE" | "TH" | "FR" | "SA" | "SU")[] | null
          from: string
          to: string
        }[] | null
        quiet: {
          weekdays?: ("MO" | "TU" | "WE" | "TH" | "FR" | "SA" | "SU")[] | null
          from: string
          to: string
        }[] | null
        playMs: number | null
        dayMs: number | null
        volume: {
          weekdays?: ("MO" | "TU" | "WE" | "TH" | "FR" | "SA" | "SU")[] | null
          from: string
          to: string
          percent: number
        }[] | null
        levelFrames: {
          name: string
          level: number
          from: string
          to: string
          weekdays?: ("MO" | "TU" | "WE" | "TH" | "FR" | "SA" | "SU")[] | null
        }[] | null
      }
      effective: {
        windows: {
          weekdays?: ("MO" | "TU" | "WE" | "TH" | "FR" | "SA" | "SU")[] | null
          from: string
          to: string
        }[] | null
        quiet: {
          weekdays?: ("MO" | "TU" | "WE" | "TH" | "FR" | "SA" | "SU")[] | null
          from: string
          to: string
        }[] | null
        playMs: number | null
        dayMs: number | null
        volume: {
          weekdays?: ("MO" | "TU" | "WE" | "TH" | "FR" | "SA" | "SU")[] | null
          from: string
          to: string
          percent: number
        }[] | null
        levelFrames: {
          name: string
          level: number
          from: string
          to: string
          weekdays: ("MO" | "TU" | "WE" | "TH" | "FR" | "SA" | "SU")[] | null
          unitId: string
        }[]
      }
    }
    PolicyBreach: {
      at: string
      by: string
      /** @enum {unknown} */
      subject: "order" | "schedule-item"
      subjectId: string
      title: string
      /** @enum {unknown} */
      class: "emergency" | "priority" | "normal"
      breaches: {
        unitId: string
        /** @enum {unknown} */
        rule: "hours" | "quiet" | "play" | "day" | "frame"
        from: string
        until: string
        count: number
        length?: {
          usedMs: number
          allowedMs: number
        }
      }[]
      reason: string
    }
    PolicyBreachPage: {
      items: components["schemas"]["PolicyBreach"][]
      nextCursor: string | null
    }
    UnitChangeOutcome: {
      created: number
      endedIds: string[]
      clustersMoved: number
    }
    ServerHealth: {
      disks: {
        name: string
        freeBytes: number
        totalBytes: number
      }[]
      certificates: {
        name: string
        endsAt: string
      }[]
      integrity: {
        at: string
        problems: string[]
      } | null
      backup: {
        lastAt: string | null
        lastFile: string | null
        dataSince: string
      } | null
    }
    LogVerification: {
      /** @enum {unknown} */
      state: "running" | "right" | "wrong"
      startedAt: string
      endedAt: string | null
      logs: {
        /** @enum {unknown} */
        log: "audit" | "air" | "report"
        entries: number
        firstAt: string | null
        lastAt: string | null
      }[]
      checkpoints: number
      unsigned: number
      problems: string[]
    }
    LogVerificationState: { last: components["schemas"]["LogVerification"] | null }
    Backup: {
      id: string
      by: string
      /** @enum {unknown} */
      state: "running" | "ready" | "failed"
      startedAt: string
      bytes: number | null
      expiresAt: string | null
      problem: string | null
    }
    BackupState: { current: components["schemas"]["Backup"] | null }
    Alert: {
      id: string
      /** @enum {unknown} */
      purpose: "alert" | "update" | "correction" | "cancellation"
      /** @enum {unknown} */
      kind: "real" | "exercise" | "test"
      /** @enum {unknown} */
      hazard: "flood" | "storm" | "dam-release" | "fire" | "epidemic" | "missing-person" | "all-clear" | "other"
      /** @enum {unknown} */
      level: 1 | 2 | 3 | 4 | 5
      colour: {
        name: string
        nameEn?: string
        nameVi: string
        hex: string
      }
      title: string
      /** @enum {unknown} */
      state: "prepared" | "awaiting-second" | "scheduled" | "on-air" | "ended" | "cancelled" | "expired" | "refused"
      languages: string[]
      parts: {
        language: string
        text: string | null
        clipId: string
      }[]
      sourceId: string | null
      playMs: number
      targets: {
        units: string[]
        clusters: string[]
        tags: string[]
        groups: string[]
      }
      selection: {
        units?: string[]
        tags?: string[]
        area?: ({
          /** @enum {string} */
          type: "Polygon"
          coordinates: number[][][]
        } | {
          /** @enum {string} */
          type: "MultiPolygon"
          coordinates: number[][][][]
        }) | null
        circles?: {
          lat: number
          lon: number
          radiusM: number
        }[]
        /** @enum {unknown} */
        match?: "any" | "all"
      } | null
      clusters: {
        targeted: number
        online: number
      }
      people: {
        known: number | null
        units: number
        unknownUnits: number
      }
      issuer: string
      /** @enum {unknown} */
      persons: 1 | 2
      prepared: {
        /** @enum {unknown} */
        kind: "person" | "token" | "cap-sender"
        by: string
        name: string
        session: string
        at: string
      }
      confirmed: {
        /** @enum {unknown} */
        kind: "person" | "token" | "cap-sender"
        by: string
        name: string
        session: string
        at: string
      } | null
      approved: {
        /** @enum {unknown} */
        kind: "person" | "token" | "cap-sender"
        by: string
        name: string
        session: string
        at: string
      } | null
      breakGlass: string | null
      confirmBy: string
      approveBy: string | null
      startsAt: string | null
      onAirFrom: string | null
      expiresAt: string
      repeat: {
        times: number
        everyHours: (1 | 2 | 3 | 4 | 6 | 8 | 12 | 24) | null
      }
      replaces: string | null
      replacedBy: string | null
      closed: {
        /** @enum {unknown} */
        state: "cancelled" | "refused" | "ended"
        by: {
          /** @enum {unknown} */
          kind: "person" | "token" | "cap-sender"
          by: string
          name: string
          session: string
          at: string
        }
        reason: string | null
      } | null
      origin: {
        /** @enum {unknown} */
        kind: "person" | "cap"
        sender: string | null
        identifier: string | null
        sent: string | null
      }
      orderIds: string[]
    }
    AlertPage: {
      items: components["schemas"]["Alert"][]
      nextCursor: string | null
    }
    AlertClusters: {
      clusterIds: string[]
      joined: string[]
      left: string[]
      online: string[]
      reached: string[]
    }
    AlertTemplate: {
      id: string
      unitId: string | null
      /** @enum {unknown} */
      hazard: "flood" | "storm" | "dam-release" | "fire" | "epidemic" | "missing-person" | "all-clear" | "other"
      title: string
      /** @enum {unknown} */
      level: 1 | 2 | 3 | 4 | 5
      text: string
      /** @enum {unknown} */
      voice: "north" | "central" | "south"
      recordings: {
        language: string
        clipId: string
      }[]
      repeat: {
        times: number
        everyHours: (1 | 2 | 3 | 4 | 6 | 8 | 12 | 24) | null
      }
      durationMs: number
      titleEn: string | null
      slots: string[]
    }
    AlertTemplatePage: {
      items: components["schemas"]["AlertTemplate"][]
      nextCursor: string | null
    }
    AlertRule: {
      unitId: string
      twoPersons: {
        kinds: ("real" | "exercise" | "test")[]
        /** @enum {unknown} */
        level: 1 | 2 | 3 | 4 | 5
        clusters: number
      }[]
      waitMs: number
      breakGlass: boolean
    }
    AlertRules: {
      own: components["schemas"]["AlertRule"] | null
      effective: components["schemas"]["AlertRule"] | null
    }
    AlertRuleList: { items: components["schemas"]["AlertRule"][] }
    Alarm: {
      id: string
      /** @enum {unknown} */
      rule: "cluster-lost" | "cluster-silent" | "cluster-out-of-step" | "cluster-power" | "cluster-equipment" | "source-down" | "source-silent" | "source-clipping" | "emergency-unproved" | "process-restarts" | "disk" | "integrity" | "certificate" | "clock-step" | "notifications-stuck" | "backup-old" | "recording" | "source-last-input" | "source-wrong-keys" | "phone-lockout" | "phone-line" | "source-faulty"
      /** @enum {unknown} */
      severity: "info" | "warning" | "critical"
      title: string
      titleVi: string
      titleEn?: string
      detail: string
      detailVi: string
      detailEn?: string
      subject: {
        /** @enum {unknown} */
        kind: "cluster" | "unit" | "source" | "order" | "channel" | "server"
        id: string
      }
      unitId: string | null
      clusters: number | null
      since: string
      raisedAt: string
      clearedAt: string | null
      level: number
      acknowledged: {
        at: string
        by: string
        name: string
        note: string | null
      } | null
    }
    AlarmPage: {
      items: components["schemas"]["Alarm"][]
      nextCursor: string | null
    }
    AlarmCounts: {
      open: number
      unacknowledged: number
      bySeverity: { [key: string]: number }
      byRule: {
        /** @enum {unknown} */
        rule: "cluster-lost" | "cluster-silent" | "cluster-out-of-step" | "cluster-power" | "cluster-equipment" | "source-down" | "source-silent" | "source-clipping" | "emergency-unproved" | "process-restarts" | "disk" | "integrity" | "certificate" | "clock-step" | "notifications-stuck" | "backup-old" | "recording" | "source-last-input" | "source-wrong-keys" | "phone-lockout" | "phone-line" | "source-faulty"
        /** @enum {unknown} */
        severity: "info" | "warning" | "critical"
        open: number
        unacknowledged: number
      }[]
    }
    AlarmRule: {
      /** @enum {unknown} */
      rule: "cluster-lost" | "cluster-silent" | "cluster-out-of-step" | "cluster-power" | "cluster-equipment" | "source-down" | "source-silent" | "source-clipping" | "emergency-unproved" | "process-restarts" | "disk" | "integrity" | "certificate" | "clock-step" | "notifications-stuck" | "backup-old" | "recording" | "source-last-input" | "source-wrong-keys" | "phone-lockout" | "phone-line" | "source-faulty"
      title: string
      titleVi: string
      titleEn?: string
      thresholdUnit: string | null
      unitId: string | null
      own: {
        enabled?: boolean
        /** @enum {unknown} */
        severity?: "info" | "warning" | "critical"
        holdMs?: number
        clearMs?: number
        threshold?: number | null
        escalateAfterMs?: number[]
        opensTicket?: boolean
      }
      effective: {
        enabled: boolean
        /** @enum {unknown} */
        severity: "info" | "warning" | "critical"
        holdMs: number
        clearMs: number
        threshold: number | null
        escalateAfterMs: number[]
        opensTicket: boolean
      }
    }
    AlarmRuleList: { items: components["schemas"]["AlarmRule"][] }
    NotificationChannel: {
      id: string
      name: string
      unitId: string | null
      /** @enum {unknown} */
      kind: "webhook" | "email" | "file"
      url: string | null
      to: string[] | null
      file: string | null
      /** @enum {unknown} */
      minSeverity: "info" | "warning" | "critical"
      rules: ("cluster-lost" | "cluster-silent" | "cluster-out-of-step" | "cluster-power" | "cluster-equipment" | "source-down" | "source-silent" | "source-clipping" | "emergency-unproved" | "process-restarts" | "disk" | "integrity" | "certificate" | "clock-step" | "notifications-stuck" | "backup-old" | "recording" | "source-last-input" | "source-wrong-keys" | "phone-lockout" | "phone-line" | "source-faulty")[] | null
      level: number
      enabled: boolean
      usable: boolean
      pending: number
      waitingSince: string | null
      lastError: string | null
      createdAt: string
    }
    NotificationChannelWithSecret: {
      id: string
      name: string
      unitId: string | null
      /** @enum {unknown} */
      kind: "webhook" | "email" | "file"
      url: string | null
      to: string[] | null
      file: string | null
      /** @enum {unknown} */
      minSeverity: "info" | "warning" | "critical"
      rules: ("cluster-lost" | "cluster-silent" | "cluster-out-of-step" | "cluster-power" | "cluster-equipment" | "source-down" | "source-silent" | "source-clipping" | "emergency-unproved" | "process-restarts" | "disk" | "integrity" | "certificate" | "clock-step" | "notifications-stuck" | "backup-old" | "recording" | "source-last-input" | "source-wrong-keys" | "phone-lockout" | "phone-line" | "source-faulty")[] | null
      level: number
      enabled: boolean
      usable: boolean
      pending: number
      waitingSince: string | null
      lastError: string | null
      createdAt: string
      secret: string | null
    }
    NotificationChannelPage: {
      items: components["schemas"]["NotificationChannel"][]
      nextCursor: string | null
    }
    Notification: {
      id: string
      channelId: string
      alarmId: string | null
      /** @enum {unknown} */
      kind: "raised" | "escalated" | "acknowledged" | "cleared" | "test"
      /** @enum {unknown} */
      state: "pending" | "delivered" | "dead"
      attempts: number
      createdAt: string
      nextAttemptAt: string | null
      doneAt: string | null
      lastError: string | null
    }
    NotificationPage: {
      items: components["schemas"]["Notification"][]
      nextCursor: string | null
    }
    Ticket: {
      id: string
      number: number
      title: string
      unitId: string
      clusterId: string | null
      clusterState: string | null
      alarmId: string | null
      /** @enum {unknown} */
      severity: "info" | "warning" | "critical"
      /** @enum {unknown} */
      state: "open" | "assigned" | "on-site" | "waiting-part" | "done" | "cancelled"
      assignee: string | null
      parts: {
        name: string
        quantity: number
        costVnd: number | null
      }[]
      labourVnd: number | null
      costVnd: number
      openedAt: string
      openedBy: string | null
      respondedAt: string | null
      onSiteAt: string | null
      closedAt: string | null
      respondMs: number | null
      arriveMs: number | null
      repairMs: number | null
      workMs: number | null
      waitedMs: number
    }
    TicketPage: {
      items: components["schemas"]["Ticket"][]
      nextCursor: string | null
    }
    TicketEventList: {
      items: {
        at: string
        by: string | null
        name: string
        /** @enum {unknown} */
        state: "open" | "assigned" | "on-site" | "waiting-part" | "done" | "cancelled"
        note: string | null
      }[]
    }
    TicketFigures: {
      from: string
      to: string
      all: {
        opened: number
        done: number
        cancelled: number
        unfinished: number
        respondMeanMs: number | null
        respondMedianMs: number | null
        repairMeanMs: number | null
        repairMedianMs: number | null
        costVnd: number
      }
      byUnit: {
        unitId: string
        opened: number
        done: number
        cancelled: number
        unfinished: number
        respondMeanMs: number | null
        respondMedianMs: number | null
        repairMeanMs: number | null
        repairMedianMs: number | null
        costVnd: number
      }[]
    }
    CapMessage: {
      id: string
      receivedAt: string
      via: {
        /** @enum {unknown} */
        kind: "request" | "feed"
        id: string
      }
      senderId: string | null
      identifier: string
      sender: string
      sent: string
      /** @enum {unknown} */
      status: "Actual" | "Exercise" | "System" | "Test" | "Draft"
      /** @enum {unknown} */
      msgType: "Alert" | "Update" | "Cancel" | "Ack" | "Error"
      /** @enum {unknown} */
      scope: "Public" | "Restricted" | "Private"
      references: {
        sender: string
        identifier: string
        sent: string
      }[]
      /** @enum {unknown} */
      signature: "valid" | "absent" | "unusable" | "broken"
      /** @enum {unknown} */
      outcome: "working" | "on-air" | "waiting" | "cancelled" | "kept" | "refused"
      /** @enum {unknown} */
      reason: "aired" | "not-pre-authorised" | "not-urgent" | "unsigned" | "exercise" | "restricted" | "overruled" | "no-area" | "no-words" | "too-many" | "cannot-prepare" | "cancelled" | "cancel-by-hand" | "test" | "draft" | "system" | "private" | "acknowledgement" | "error" | "empty" | "expired" | "duplicate" | "cancelled-before" | "superseded" | "nothing-to-cancel" | "nobody-there" | "unknown-sender" | "bad-signature" | "future" | "flood" | "working"
      detail: string
      detailVi: string
      detailEn?: string
      alertId: string | null
      repeats: number
    }
    CapMessagePage: {
      items: {
        id: string
        receivedAt: string
        via: {
          /** @enum {unknown} */
          kind: "request" | "feed"
          id: string
        }
        senderId: string | null
        identifier: string
        sender: string
        sent: string
        /** @enum {unknown} */
        status: "Actual" | "Exercise" | "System" | "Test" | "Draft"
        /** @enum {unknown} */
        msgType: "Alert" | "Update" | "Cancel" | "Ack" | "Error"
        /** @enum {unknown} */
        scope: "Public" | "Restricted" | "Private"
        references: {
          sender: string
          identifier: string
          sent: string
        }[]
        /** @enum {unknown} */
        signature: "valid" | "absent" | "unusable" | "broken"
        /** @enum {unknown} */
        outcome: "working" | "on-air" | "waiting" | "cancelled" | "kept" | "refused"
        /** @enum {unknown} */
        reason: "aired" | "not-pre-authorised" | "not-urgent" | "unsigned" | "exercise" | "restricted" | "overruled" | "no-area" | "no-words" | "too-many" | "cannot-prepare" | "cancelled" | "cancel-by-hand" | "test" | "draft" | "system" | "private" | "acknowledgement" | "error" | "empty" | "expired" | "duplicate" | "cancelled-before" | "superseded" | "nothing-to-cancel" | "nobody-there" | "unknown-sender" | "bad-signature" | "future" | "flood" | "working"
        detail: string
        detailVi: string
        detailEn?: string
        alertId: string | null
        repeats: number
      }[]
      nextCursor: string | null
    }
    CapSender: {
      id: string
      name: string
      sender: string
      keys: {
        pem: string
        fingerprint: string
        /** @enum {unknown} */
        kind: "rsa" | "ec" | "ed25519"
        notBefore: string | null
        notAfter: string | null
      }[]
      unitId: string
      preAuthorisedUnitIds: string[]
      geocodeNames: string[]
      mostPerHour: number
      enabled: boolean
      createdAt: string
    }
    CapSenderPage: {
      items: {
        id: string
        name: string
        sender: string
        keys: {
          pem: string
          fingerprint: string
          /** @enum {unknown} */
          kind: "rsa" | "ec" | "ed25519"
          notBefore: string | null
          notAfter: string | null
        }[]
        unitId: string
        preAuthorisedUnitIds: string[]
        geocodeNames: string[]
        mostPerHour: number
        enabled: boolean
        createdAt: string
      }[]
      nextCursor: string | null
    }
    CapFeed: {
      id: string
      name: string
      senderId: string
      url: string
      intervalMs: number
      enabled: boolean
      createdAt: string
      polledAt: string | null
      succeededAt: string | null
      failures: number
      problem: string | null
      nextPollAt: string
    }
    CapFeedPage: {
      items: {
        id: string
        name: string
        senderId: string
        url: string
        intervalMs: number
        enabled: boolean
        createdAt: string
        polledAt: string | null
        succeededAt: string | null
        failures: number
        problem: string | null
        nextPollAt: string
      }[]
      nextCursor: string | null
    }
    ListedRecording: {
      id: string
      /** @enum {unknown} */
      kind: "live" | "relay" | "clips" | "tone"
      /** @enum {unknown} */
      mode: "full" | "low"
      format: string
      sourceId: string | null
      orderId: string | null
      /** @enum {unknown} */
      class: "emergency" | "priority" | "normal"
      title: string
      from: string
      until: string
      fromSamples: number
      untilSamples: number
      bytes: number
      missingMs: number
      open: boolean
      sha256: string | null
      hold: {
        at: string
        by: string
        name: string
        reason: string
      } | null
    }
    RecordingPage: {
      items: components["schemas"]["ListedRecording"][]
      nextCursor: string | null
    }
    Recording: {
      id: string
      /** @enum {unknown} */
      kind: "live" | "relay" | "clips" | "tone"
      /** @enum {unknown} */
      mode: "full" | "low"
      format: string
      sourceId: string | null
      orderId: string | null
      /** @enum {unknown} */
      class: "emergency" | "priority" | "normal"
      title: string
      from: string
      until: string
      fromSamples: number
      untilSamples: number
      bytes: number
      missingMs: number
      open: boolean
      sha256: string | null
      hold: {
        at: string
        by: string
        name: string
        reason: string
      } | null
      gaps: {
        offsetSamples: number
        offsetMs: number
        lengthMs: number
      }[]
      heard: {
        orderId: string
        unitId: string
        /** @enum {unknown} */
        class: "emergency" | "priority" | "normal"
        title: string
        from: string
        until: string
        offsetSamples: number
        offsetMs: number
        lengthMs: number
      }[]
    }
    OrderRecording: {
      orderId: string
      unitId: string
      from: string
      until: string
      missingMs: number
      pieces: {
        recordingId: string
        from: string
        until: string
        fromSamples: number
        untilSamples: number
        offsetSamples: number
        offsetMs: number
        lengthMs: number
      }[]
    }
    RecordingUsage: {
      recordings: number
      bytes: number
      heldBytes: number
      quotaBytes: number | null
      units: {
        unitId: string
        recordings: number
        bytes: number
        heldBytes: number
      }[]
    }
    RecordingRules: {
      unitId: string
      own: { keepDays: number | null }
      effective: { keepDays: number }
    }
    SourceKey: {
      id: string
      label: string
      /** @enum {unknown} */
      class: "emergency" | "priority" | "normal"
      isReplaced: boolean
      createdAt: string
      expiresAt: string | null
      lastUsedAt: string | null
    }
    SourceKeyWithSecret: {
      id: string
      label: string
      /** @enum {unknown} */
      class: "emergency" | "priority" | "normal"
      isReplaced: boolean
      createdAt: string
      expiresAt: string | null
      lastUsedAt: string | null
      key: string
    }
    SourceKeyPage: {
      items: components["schemas"]["SourceKey"][]
      nextCursor: string | null
    }
    SourceAttempt: {
      id: string
      at: string
      lastAt: string
      count: number
      /** @enum {unknown} */
      protocol: "icecast" | "whip" | "rtmp"
      accepted: boolean
      /** @enum {unknown} */
      reason: "free" | "took-over" | "key-missing" | "key-wrong" | "key-revoked" | "busy" | "on-air" | "outside-window" | "no-engine" | "not-sound"
      keyId: string | null
      keyClass: ("emergency" | "priority" | "normal") | null
      remoteAddress: string
      userAgent: string
    }
    SourceAttemptPage: {
      items: components["schemas"]["SourceAttempt"][]
      nextCursor: string | null
    }
    SourceSwitch: {
      id: string
      sourceId: string
      at: string
      fromInputId: string | null
      toInputId: string
      /** @enum {unknown} */
      cause: "start" | "no-sound" | "fault" | "return" | "manual"
      detail: string
      gapMs: number
    }
    SourceSwitchPage: {
      items: components["schemas"]["SourceSwitch"][]
      nextCursor: string | null
    }
    MonitorListener: {
      id: string
      sourceId: string | null
      clusterId: string | null
      personId: string
      personName: string
      remoteAddress: string
      since: string
    }
    MonitorListenerPage: {
      items: components["schemas"]["MonitorListener"][]
      nextCursor: string | null
    }
    MonitorPass: {
      pass: string
      whepPath: string
      mp3Path: string
      expiresAt: string
    }
    PhoneLines: {
      configured: boolean
      running: boolean
      accounts: {
        uri: string
        /** @enum {unknown} */
        state: "registered" | "registering" | "refused" | "unreachable"
        reason: string
      }[]
      calls: number
      refusedTotal: number
    }
    PhoneCall: {
      id: string
      callerId: string
      remoteAddress: string
      startedAt: string
      endedAt: string | null
      /** @enum {unknown} */
      state: "identifying" | "choosing" | "waiting" | "on-air" | "done" | "ended"
      userId: string | null
      userName: string | null
      unitId: string | null
      keyId: string | null
      keyName: string | null
      orderId: string | null
      alertId: string | null
      wrongTries: number
      result: string
      recording: {
        durationMs: number
        sizeBytes: number
      } | null
    }
    PhoneCallPage: {
      items: components["schemas"]["PhoneCall"][]
      nextCursor: string | null
    }
    PhoneKey: {
      id: string
      unitId: string
      userId: string | null
      key: string
      name: string
      targets: {
        units: string[]
        clusters: string[]
        tags: string[]
        groups: string[]
      }
      /** @enum {unknown} */
      class: "emergency" | "priority" | "normal"
      alert: {
        kind: string
        hazard: string
        level: number
      } | null
      content: {
        /** @enum {string} */
        kind: "live"
        sourceId: string
      } | {
        /** @enum {string} */
        kind: "template"
        templateId: string
        slots: { [key: string]: string }
      }
      mostMs: number | null
      /** @enum {unknown} */
      onHangUp: "stop" | "keep"
      createdAt: string
    }
    PhoneKeyPage: {
      items: components["schemas"]["PhoneKey"][]
      nextCursor: string | null
    }
    PhonePin: {
      userId: string
      number: string
      unitId: string
      /** @enum {unknown} */
      language: "vi" | "en"
      needsCode: boolean
      callerIds: string[]
      changedAt: string
    }
    Setup: {
      firstStart: boolean
      practice: {
        password: string
        people: {
          login: string
          name: string
          roles: {
            /** @enum {unknown} */
            role: "viewer" | "writer" | "editor" | "operator" | "technician" | "emergency-officer" | "administrator" | "auditor" | "cap-sender"
            unitId: string | null
          }[]
        }[]
      } | null
      practiceUrl: string | null
    }
    ClipPeaks: {
      durationMs: number
      peaks: number[]
      integratedLufs: number | null
      truePeakDbtp: number | null
    }
    ClipUpload: {
      id: string
      name: string
      unitId: string | null
      sizeBytes: number
      offset: number
      expiresAt: string
    }
    ClipUploadList: { items: components["schemas"]["ClipUpload"][] }
    ClipUsage: {
      users: {
        kind: "order" | "schedule-item" | "alert" | "alert-template"
        id: string
        title: string
      }[]
      otherUsers: number
    }
    Playlist: {
      id: string
      name: string
      unitId: string | null
      clips: {
        id: string
        name: string
        durationMs: number
      }[]
      hiddenClips: number
      durationMs: number
      createdAt: string
    }
    PlaylistPage: {
      items: components["schemas"]["Playlist"][]
      nextCursor: string | null
    }
  }
  responses: never
  parameters: never
  requestBodies: never
  headers: never
  pathItems: never
}
