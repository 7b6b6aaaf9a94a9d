using Serverless.Registry.Copying;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Imports;

/// <summary>One pass over what an import copies: what it has done, and where it is. Tags come one after the other; whoever notes how far they have come may do so at any time.</summary>
internal sealed class ImportPass(int maxProblems)
{
    private const int MaxLength = 400;

    private readonly Lock _lock = new();
    private readonly List<string> _problems = [];
    private ImportProgress? _before;
    private int _failedTags;
    private bool _isPassingOver;
    private bool _hasWanted;

    /// <summary>What the copy tells.</summary>
    public CopyProgress Copied { get; } = new();

    /// <summary>The last tag that was copied; null: none was, or some were not, so that the next pass begins at the first.</summary>
    public string? Cursor { get; private set; }

    /// <summary>Tags that could not be copied and never will be.</summary>
    public int FailedTags => _failedTags;

    /// <summary>Why the pass ended early: the source is busy, say; null: it did not.</summary>
    public Exception? Interruption { get; private set; }

    /// <summary>Whether no tag of the source is asked for.</summary>
    public bool HasNothing => !_hasWanted;

    /// <summary>Whether it got further: what was written is there for good, and not sent again.</summary>
    public bool HasDoneSomething => Copied.Blobs > 0 || Copied.Manifests > 0 || Copied.Parts > 0;

    /// <summary>Chooses the tags that come after the cursor of the pass before, of those that are wanted.</summary>
    public Func<Tag, bool> From(string? cursor, Func<Tag, bool> isWanted)
    {
        (Cursor, _isPassingOver) = (cursor, cursor is not null);
        return tag =>
        {
            if (!isWanted(tag) || Interruption is not null) return false;
            _hasWanted = true;
            if (!_isPassingOver) return true;
            if (tag.ToString() == cursor) _isPassingOver = false;
            return false;
        };
    }

    /// <summary>Whether all tags were passed over, because that of the cursor is gone. If so, it begins again at the first.</summary>
    public bool BeginAgain()
    {
        if (!_isPassingOver || Interruption is not null) return false;
        (_isPassingOver, Cursor) = (false, null);
        return true;
    }

    /// <summary>Told of each tag.</summary>
    public void Report(Tag tag, string? problem, Exception? failure)
    {
        lock (_lock)
        {
            if (problem is null)
            {
                if (_failedTags == 0) Cursor = tag.ToString();
            }
            else if (failure is ImageSourceException { IsTransient: true } || failure is RegistryException { Error: var error } && (error == RegistryError.Unsupported || error.Status == RegistryError.TooManyRequests.Status))
            {
                // The next tag would fare no better.
                Interruption = failure;
            }
            else
            {
                _failedTags++;
                Cursor = null;
                Add($"{tag}: {problem}");
            }
        }
    }

    /// <summary>Adds what this pass has done to a row.</summary>
    public ImportRow Note(ImportRow row)
    {
        lock (_lock)
        {
            var now = Copied;
            // As it was when this pass claimed it, which is when it is first noted: only this pass adds to it.
            var before = _before ??= row.Import.Progress;
            return row with
            {
                Import = row.Import with
                {
                    Progress = new ImportProgress(
                        before.Manifests + now.Manifests, before.Tags + now.Tags, before.Blobs + now.Blobs, now.Present, before.Bytes + now.Bytes),
                    Problems = [.. _problems, .. Copied.Problems.Select(Clean).Take(Math.Max(0, maxProblems - _problems.Count))],
                },
                Cursor = Cursor,
            };
        }
    }

    /// <summary>One line of bounded length; some of it is from the source.</summary>
    public static string Clean(string text)
    {
        var line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        return line.Length > MaxLength ? line[..MaxLength] + "..." : line;
    }

    private void Add(string problem)
    {
        if (_problems.Count < maxProblems) _problems.Add(Clean(problem));
    }
}
