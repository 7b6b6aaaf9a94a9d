using Serverless.Registry.Oci;

namespace Serverless.Registry.Verification;

/// <summary>A blob whose bytes are missing, cut short, or were wrong and have been deleted.</summary>
/// <param name="Kind">What was found.</param>
/// <param name="Digest">The blob.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Location">Where its bytes belong.</param>
/// <param name="Note">What was found, in words for the operator.</param>
internal sealed record LostBlob(VerifyKind Kind, Digest Digest, long Size, string Location, string Note);
