"""The map nid -> profile as of a position, as SQL that questions are built from.

A nid belongs to the profile of its row with the highest position; without one it is its own profile.
"""

# Values: profile_ids Array(UInt32), position UInt64. Columns: nid, profile_id.
NIDS_OF_PROFILES = """
    select nid, argMax(profile_id, position) as profile_id
    from (
        select nid, profile_id, position from {{profile_of}}
        where position <= {position:UInt64} and (
            has({profile_ids:Array(UInt32)}, nid)
            or nid in (
                select nid from {{profile_of}}
                where position <= {position:UInt64} and has({profile_ids:Array(UInt32)}, profile_id)
            )
        )
        union all
        select arrayJoin({profile_ids:Array(UInt32)}) as nid, nid as profile_id, toUInt64(0) as position
    )
    group by nid
    having has({profile_ids:Array(UInt32)}, profile_id)
"""

# Profiles with a user id. Values: position UInt64. Column: profile_id.
MEMBERS = """
    select distinct argMax(profile_id, position) as profile_id
    from {{profile_of}}
    where position <= {position:UInt64} and kind = 1
    group by nid
"""
