// Pictures on their way to the server.

/** Sends one file, telling how far it is; throws an Error with a message to show. */
export function send(file, settings, { say }, token, onProgress) {
  const { labels } = settings
  const failed = say(labels.failed, { name: file.name })
  if (file.size > settings.maxBytes) return Promise.reject(new Error(say(labels.tooLarge, { name: file.name })))
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest() // fetch does not tell how much has been sent
    request.open("POST", settings.upload)
    request.setRequestHeader("X-CSRFToken", token)
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded / event.total))
    request.addEventListener("load", () => {
      const kind = request.getResponseHeader("Content-Type") || ""
      if (request.status === 200 && kind.startsWith("application/json")) resolve(JSON.parse(request.response))
      else if (kind.startsWith("text/plain")) reject(new Error(`${file.name}: ${request.response}`))
      else if (request.status === 429) reject(new Error(labels.tooMany))
      else reject(new Error(failed))
    })
    request.addEventListener("error", () => reject(new Error(failed)))
    const body = new FormData()
    body.append("upload", file)
    request.send(body)
  })
}

/** A file of the picture at a blob: address, drawn anew: the policy lets pictures read such, but not fetch. */
export async function fileFromBlob(address, name) {
  const image = new Image()
  image.src = address
  await image.decode()
  const canvas = document.createElement("canvas")
  canvas.width = image.naturalWidth
  canvas.height = image.naturalHeight
  canvas.getContext("2d").drawImage(image, 0, 0)
  const blob = await new Promise((resolve) => { canvas.toBlob(resolve, "image/png") })
  return new File([blob], `${name}.png`, { type: "image/png" })
}
