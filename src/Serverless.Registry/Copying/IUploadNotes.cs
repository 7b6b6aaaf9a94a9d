using Serverless.Registry.Oci;

namespace Serverless.Registry.Copying;

/// <summary>Remembers the uploads of large blobs, so that another copy, on whichever instance, goes on with them.</summary>
public interface IUploadNotes
{
    /// <summary>The upload of a blob; null when none is known.</summary>
    UploadNote? Find(Digest digest);

    /// <summary>Notes the upload of a blob, for good when it returns.</summary>
    /// <param name="digest">The blob.</param>
    /// <param name="note">Its upload; null: it has none any more.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task KeepAsync(Digest digest, UploadNote? note, CancellationToken cancellationToken);
}

/// <summary>What must be shown to go on with an upload.</summary>
/// <param name="Id">Its id.</param>
/// <param name="State">Its state when it began, which is good for as long as the upload is.</param>
public sealed record UploadNote(Guid Id, string State);
