using System.Buffers;
using Serverless.Registry.Oci;

namespace Serverless.Web.Http;

/// <summary>Bodies that are read into memory.</summary>
internal static class RequestBody
{
    extension(HttpRequest request)
    {
        /// <summary>The media type without its parameters; null when none was sent.</summary>
        public string? MediaType =>
            request.ContentType is { Length: > 0 } type ? type.Split(';', 2)[0].Trim() is { Length: > 0 } bare ? bare : null : null;

        /// <summary>Reads the whole body.</summary>
        /// <exception cref="RegistryException">The body is longer than <paramref name="limit"/> bytes.</exception>
        public async Task<ReadOnlyMemory<byte>> ReadAllAsync(int limit, RegistryError tooLarge, CancellationToken cancellationToken)
        {
            if (request.ContentLength > limit) throw new RegistryException(tooLarge);
            while (true)
            {
                var read = await request.BodyReader.ReadAsync(cancellationToken);
                var (length, whole) = (read.Buffer.Length, read.IsCompleted ? read.Buffer.ToArray() : null);
                request.BodyReader.AdvanceTo(whole is null ? read.Buffer.Start : read.Buffer.End, read.Buffer.End);
                if (length > limit) throw new RegistryException(tooLarge);
                if (whole is not null) return whole;
            }
        }
    }
}
